//! A real browser for tests, driven by WebDriver (W3C) and by what Chromium's driver adds to it.
//!
//! What does not work panics, as in the tests that use it.

mod driver;

use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use http_client::{Internet, Kept};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use driver::Driver;

/// How long anything may take, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often is looked whether something is so.
const PAUSE: Duration = Duration::from_millis(20);
/// The largest answer of the driver: a picture of a page.
const LARGEST: usize = 16 * 1024 * 1024;
/// The key by which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// WebDriver's Enter key.
pub const ENTER: &str = "\u{e007}";

/// A headless Chromium with a new profile; it ends with this value.
#[derive(Debug)]
pub struct Browser {
    internet: Internet,
    session: String,
    _driver: Driver,
    _profile: TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Whether its user likes it dark.
    pub is_dark: bool,
}

impl Browser {
    /// One that asks for everything itself; `chromedriver` is the driver's program.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(chromedriver: &Path) -> Self {
        Self::start_with(chromedriver, "--no-proxy-server".into()).await
    }

    /// One for which all that is not on this machine goes through the SOCKS server on port `socks`.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_behind(chromedriver: &Path, socks: u16) -> Self {
        Self::start_with(chromedriver, format!("--proxy-server=socks5://127.0.0.1:{socks}")).await
    }

    async fn start_with(chromedriver: &Path, proxy: String) -> Self {
        let driver = Driver::start(chromedriver).await;
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
            format!("--user-data-dir={}", profile.path().display()),
            proxy,
        ]);
        let wanted =
            json!({"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}});
        let internet = Internet::new([], Kept::Not).expect("a client");
        let session = format!("http://127.0.0.1:{}/session", driver.port());
        let mut browser = Self { internet, session, _driver: driver, _profile: profile };
        let session = browser.post("", json!({"capabilities": {"alwaysMatch": wanted}})).await;
        browser.session =
            format!("{}/{}", browser.session, session["sessionId"].as_str().expect("a session"));
        browser
    }

    /// Looks at pages so from now on.
    ///
    /// # Panics
    /// When the driver refuses.
    pub async fn look(&self, Look { width, height, is_dark }: Look) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.order("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if is_dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.order("Emulation.setEmulatedMedia", media).await;
    }

    /// Opens a page.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn open(&self, url: &str) {
        self.post("/url", json!({"url": url})).await;
    }

    /// What a script on the page returns.
    ///
    /// # Panics
    /// When it throws.
    pub async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// Waits until a script returns true.
    ///
    /// # Panics
    /// When it never does.
    pub async fn until(&self, script: &str) {
        let end = Instant::now() + PATIENCE;
        while self.run(script).await != true {
            assert!(Instant::now() < end, "never true: {script}");
            sleep(PAUSE).await;
        }
    }

    /// Types into the input called `name`, once the page has it.
    ///
    /// # Panics
    /// When it never has.
    pub async fn write(&self, name: &str, text: &str) {
        let input = json!({"using": "css selector", "value": format!("input[name={name}]")});
        let end = Instant::now() + PATIENCE;
        let element = loop {
            match self.ask(Method::POST, "/element", &input).await {
                Ok(element) => break element,
                Err(why) => assert!(Instant::now() < end, "the page has no input {name}: {why}"),
            }
            sleep(PAUSE).await;
        };
        let path = format!("/element/{}/value", element[ELEMENT].as_str().expect("an element"));
        self.post(&path, json!({"text": text})).await;
    }

    /// The address of the page it is at, once that begins with `start`.
    ///
    /// # Panics
    /// When it never does.
    pub async fn address(&self, start: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.ask(Method::GET, "/url", &Value::Null).await.expect("an address");
            let address = answer.as_str().expect("a text");
            if address.starts_with(start) {
                return address.to_owned();
            }
            assert!(Instant::now() < end, "the browser is at {address} instead of {start}");
            sleep(PAUSE).await;
        }
    }

    /// What the browser has complained of since it was asked last.
    ///
    /// # Panics
    /// When the driver does not tell.
    pub async fn complaints(&self) -> Vec<String> {
        let lines = self.post("/se/log", json!({"type": "browser"})).await;
        lines.as_array().expect("lines").iter().map(Value::to_string).collect()
    }

    /// Presses the tabulator key.
    ///
    /// # Panics
    /// When the driver refuses.
    pub async fn tab(&self) {
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9});
            self.order("Input.dispatchKeyEvent", key).await;
        }
    }

    /// A PNG of what is seen, in base64.
    ///
    /// # Panics
    /// When there is none.
    pub async fn picture(&self) -> String {
        let picture = self.order("Page.captureScreenshot", json!({"format": "png"})).await;
        picture["data"].as_str().expect("a picture").to_owned()
    }

    /// One order of Chromium's own protocol.
    async fn order(&self, command: &str, parameters: Value) -> Value {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// One command of WebDriver that must be good.
    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.ask(Method::POST, path, &body).await;
        answer.unwrap_or_else(|why| panic!("{path}: {why}"))
    }

    /// One command of WebDriver; the error is what the driver says of it.
    async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Value, String> {
        let body = if method == Method::GET { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder().method(method).uri(format!("{}{path}", self.session));
        let request = request.header("content-type", "application/json");
        let request = request.body(Full::new(body)).expect("a request");
        let answer = self.internet.exchange(request, LARGEST, PATIENCE).await;
        let (_, answer) = answer.unwrap_or_else(|error| panic!("{path}: {}", http_client::told(&error)));
        let mut answer: Value = serde_json::from_slice(&answer).expect("json");
        if answer["value"]["error"].is_null() {
            Ok(answer["value"].take())
        } else {
            Err(answer["value"]["message"].to_string())
        }
    }
}
