//! A real browser, driven by WebDriver (W3C) and by what Chromium's driver adds to it.

use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use http_client::{Internet, Kept};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// How long anything may take, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// The largest answer of the driver: a picture of a page.
const LARGEST: usize = 16 * 1024 * 1024;

/// A headless Chromium with a new profile; it ends with this value.
pub(crate) struct Browser {
    internet: Internet,
    session: String,
    driver: Child,
    _profile: TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_dark: bool,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let mut command = Command::new("chromedriver");
        // In a group of its own, with the browser that it starts.
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
        let mut driver =
            command.spawn().expect("chromedriver (Debian: apt install chromium chromium-driver)");
        let port = port(&mut driver).await;
        let profile = tempfile::tempdir().expect("a folder");
        let arguments = json!([
            "--headless",
            // Where it runs as root, or may not make user namespaces, it has no sandbox of its own.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--no-first-run",
            "--no-proxy-server",
            format!("--user-data-dir={}", profile.path().display()),
        ]);
        let wanted =
            json!({"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}});
        let internet = Internet::new([], Kept::Not).expect("a client");
        let session = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { internet, session, driver, _profile: profile };
        let session = browser.post("", json!({"capabilities": {"alwaysMatch": wanted}})).await;
        browser.session =
            format!("{}/{}", browser.session, session["sessionId"].as_str().expect("a session"));
        browser
    }

    /// Looks at pages so from now on.
    pub(crate) async fn look(&self, Look { width, height, is_dark }: Look) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.order("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if is_dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.order("Emulation.setEmulatedMedia", media).await;
    }

    /// Opens a page.
    pub(crate) async fn open(&self, url: &str) {
        self.post("/url", json!({"url": url})).await;
    }

    /// What a script on the page returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// Waits until a script returns true.
    pub(crate) async fn until(&self, script: &str) {
        let waiting = async {
            while self.run(script).await != true {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never true: {script}"));
    }

    /// What the browser has complained of since it was asked last.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let lines = self.post("/se/log", json!({"type": "browser"})).await;
        lines.as_array().expect("lines").iter().map(Value::to_string).collect()
    }

    /// Presses the tabulator key.
    pub(crate) async fn tab(&self) {
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9});
            self.order("Input.dispatchKeyEvent", key).await;
        }
    }

    /// A PNG of what is seen, in base64.
    pub(crate) async fn picture(&self) -> String {
        let picture = self.order("Page.captureScreenshot", json!({"format": "png"})).await;
        picture["data"].as_str().expect("a picture").to_owned()
    }

    /// One order of Chromium's own protocol.
    async fn order(&self, command: &str, parameters: Value) -> Value {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// One command of WebDriver.
    async fn post(&self, path: &str, body: Value) -> Value {
        let request = Request::post(format!("{}{path}", self.session));
        let request = request.header("content-type", "application/json");
        let request = request.body(Full::new(Bytes::from(body.to_string()))).expect("a request");
        let answer = self.internet.exchange(request, LARGEST, PATIENCE).await;
        let (_, answer) = answer.unwrap_or_else(|error| panic!("{path}: {}", http_client::told(&error)));
        let mut answer: Value = serde_json::from_slice(&answer).expect("json");
        assert!(answer["value"]["error"].is_null(), "{path}: {}", answer["value"]["message"]);
        answer["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let pid = self.driver.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            // What is gone already needs no end.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// The port that the driver chose, which it prints.
async fn port(driver: &mut Child) -> u16 {
    let mut lines = BufReader::new(driver.stdout.take().expect("its words")).lines();
    let printed = async {
        while let Some(line) = lines.next_line().await.expect("text") {
            let port =
                line.split_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.').parse());
            if let Some(Ok(port)) = port {
                return port;
            }
        }
        panic!("chromedriver ended before it listened");
    };
    timeout(PATIENCE, printed).await.expect("chromedriver says where it listens")
}
