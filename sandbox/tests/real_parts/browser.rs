//! A real browser, driven by WebDriver (W3C), as far as a consent needs one.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use sandbox::machine;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::rig::Rig;

/// How long a page may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The key by which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// WebDriver's Enter key.
pub(crate) const ENTER: &str = "\u{e007}";

/// A headless Chromium with a new profile; it ends with this value.
pub(crate) struct Browser {
    client: reqwest::Client,
    session: String,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts it; all that it opens, but on this machine, goes through the SOCKS server on port `socks`.
    pub(crate) async fn start(rig: &Rig, socks: u16) -> Self {
        let program = machine::chromedriver(&rig.sandbox.settings).unwrap();
        let mut command = Command::new(program);
        // In a group of its own, with the browser that it starts.
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
        let mut driver = command.spawn().unwrap();
        let port = port(&mut driver).await;
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let mut browser = Self {
            client,
            session: format!("http://127.0.0.1:{port}/session"),
            driver,
            _profile: tempfile::tempdir().unwrap(),
        };
        let profile = format!("--user-data-dir={}", browser._profile.path().display());
        let proxy = format!("--proxy-server=socks5://127.0.0.1:{socks}");
        let args = json!([
            "--headless",
            // Where it runs as root, or may not make user namespaces, it has no sandbox of its own.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            profile,
            proxy,
        ]);
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": args}}}});
        let session = browser.post("", wanted).await.unwrap();
        browser.session = format!("{}/{}", browser.session, session["sessionId"].as_str().unwrap());
        browser
    }

    /// Opens a page.
    pub(crate) async fn open(&self, url: &str) {
        self.post("/url", json!({"url": url})).await.unwrap();
    }

    /// Types into the input called `name`, once the page has it.
    pub(crate) async fn write(&self, name: &str, text: &str) {
        let input = json!({"using": "css selector", "value": format!("input[name={name}]")});
        let until = Instant::now() + PATIENCE;
        let element = loop {
            match self.post("/element", input.clone()).await {
                Ok(element) => break element,
                Err(why) => assert!(Instant::now() < until, "the page has no input {name}: {why}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let path = format!("/element/{}/value", element[ELEMENT].as_str().unwrap());
        self.post(&path, json!({"text": text})).await.unwrap();
    }

    /// The address of the page it is at, once that begins with `start`.
    pub(crate) async fn address(&self, start: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = self.client.get(format!("{}/url", self.session)).send().await.unwrap();
            let answer: Value = answer.json().await.unwrap();
            let address = answer["value"].as_str().unwrap_or_default();
            if address.starts_with(start) {
                return address.to_string();
            }
            assert!(Instant::now() < until, "the browser is at {address} instead of {start}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// One command of WebDriver; the error is what the driver says of it.
    async fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        let request = self.client.post(format!("{}{path}", self.session)).json(&body);
        let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
        match answer["value"]["error"].as_str() {
            None => Ok(answer["value"].take()),
            Some(_) => Err(answer["value"]["message"].to_string()),
        }
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
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let printed = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            let port =
                line.split_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.').parse());
            if let Some(Ok(port)) = port {
                return port;
            }
        }
        panic!("chromedriver ended before it listened");
    };
    tokio::time::timeout(PATIENCE, printed).await.expect("chromedriver does not say where it listens")
}
