//! The same over real connections, where an answer can be lost and a process can end.

use std::net::SocketAddr;
use std::path::Path;
use std::time::SystemTime;

use fake_amazon::Amazon;
use fake_amazon::server::{Listeners, Server};
use fake_amazon::storage::Storage;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::play::{CLIENT, SECRET, SKILL, press};

/// A running fake, which ends when it is dropped.
struct Running {
    addresses: Vec<SocketAddr>,
    _server: JoinSet<std::io::Result<()>>,
}

impl Running {
    async fn start(state: &Path) -> Self {
        let (storage, world) = Storage::open(state, [3; 16]).unwrap();
        let listeners = Listeners::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let addresses = listeners.addresses().unwrap();
        let mut server = JoinSet::new();
        server.spawn(Server::new(Amazon::new(world), Some(storage), None, SystemTime::now).serve(listeners));
        Self { addresses, _server: server }
    }

    /// Everything that comes back from a host; nothing when the connection ends without an answer.
    async fn ask(&self, host: usize, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.addresses[host]).await.unwrap();
        let length = body.len();
        let request =
            format!("{head}Host: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    async fn tell(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.ask(DRIVER, &format!("{method} {path} HTTP/1.1\r\n"), &body.to_string()).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{method} {path}: {answer}");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    async fn tokens(&self, fields: &str) -> Value {
        let head = "POST /auth/o2/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n";
        let body = format!("{fields}&client_id={CLIENT}&client_secret={SECRET}");
        let answer = self.ask(LOGIN, head, &body).await;
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    async fn press(&self, token: &str) -> String {
        let head = format!(
            "POST /v3/events HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
        );
        self.ask(GATEWAY_EU, &head, &press(token).to_string()).await
    }

    async fn code(&self) -> String {
        let skill = json!({
            "client_id": CLIENT, "client_secret": SECRET, "permissions": ["alexa::async_event:write"],
        });
        self.tell("PUT", &format!("/skills/{SKILL}"), &skill).await;
        self.tell("PUT", "/customers/ann", &json!({"region": "EU"})).await;
        let path = format!("/customers/ann/skills/{SKILL}");
        self.tell("PUT", &path, &json!({"enabled": true, "may_send_events": true})).await;
        let code = self.tell("POST", &format!("{path}/code"), &Value::Null).await;
        code["code"].as_str().unwrap().to_owned()
    }
}

const LOGIN: usize = 0;
const GATEWAY_EU: usize = 2;
const DRIVER: usize = 4;

#[tokio::test]
async fn each_host_has_its_own_address_and_a_restart_forgets_no_token() {
    let state = tempfile::tempdir().unwrap();
    let running = Running::start(state.path()).await;
    let code = running.code().await;
    let tokens = running.tokens(&format!("grant_type=authorization_code&code={code}")).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    assert!(running.press(access_token).await.starts_with("HTTP/1.1 202 "));
    drop(running);

    let running = Running::start(state.path()).await;
    assert!(running.press(access_token).await.starts_with("HTTP/1.1 202 "));
    let refresh_token = tokens["refresh_token"].as_str().unwrap().replace('|', "%7C");
    let tokens = running.tokens(&format!("grant_type=refresh_token&refresh_token={refresh_token}")).await;
    assert!(running.press(tokens["access_token"].as_str().unwrap()).await.starts_with("HTTP/1.1 202 "));
    assert_eq!(running.tell("GET", "/events", &Value::Null).await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_cut_connection_ends_without_a_byte() {
    let state = tempfile::tempdir().unwrap();
    let running = Running::start(state.path()).await;
    running.tell("POST", "/script", &json!([{"service": "gateway_eu", "answer": "cut"}])).await;
    assert_eq!(running.press("none").await, "");
    assert!(running.press("none").await.starts_with("HTTP/1.1 401 "));
}

#[tokio::test]
async fn a_body_of_megabytes_is_refused_like_any_that_is_too_large() {
    let state = tempfile::tempdir().unwrap();
    let running = Running::start(state.path()).await;
    let large = "x".repeat(4 << 20);
    let head = "POST /v3/events HTTP/1.1\r\nContent-Type: application/json\r\n";
    assert!(running.ask(GATEWAY_EU, head, &large).await.starts_with("HTTP/1.1 413 "));
}
