//! As much of AWS as the function calls, in memory: parameters, and AWS's word about who is asking.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::form_urlencoded;

/// A running server, which ends when it is dropped.
pub(crate) struct FakeAws {
    pub(crate) url: String,
    shared: Arc<Mutex<State>>,
    _serving: JoinSet<()>,
}

#[derive(Default)]
struct State {
    /// Type and value by name.
    parameters: BTreeMap<String, (String, String)>,
    /// Names of parameters, and operations, that are refused.
    denied: Vec<String>,
    /// Operations in order, with the parameter that was written.
    asked: Vec<String>,
    /// What STS answers.
    token: String,
}

impl FakeAws {
    pub(crate) async fn start(parameters: &[(&str, &str, &str)], token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let parameters = parameters
            .iter()
            .map(|(name, kind, value)| ((*name).to_owned(), ((*kind).to_owned(), (*value).to_owned())))
            .collect();
        let state = State { parameters, token: token.to_owned(), ..State::default() };
        let shared = Arc::new(Mutex::new(state));
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, shared.clone()));
        Self { url, shared, _serving: serving }
    }

    fn state<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.shared.lock().expect("no panic in a test"))
    }

    pub(crate) fn value(&self, name: &str) -> String {
        self.state(|state| state.parameters[name].1.clone())
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.state(|state| std::mem::take(&mut state.asked))
    }

    /// Refuses an operation, or to write a parameter, from now on.
    pub(crate) fn deny(&self, what: &str) {
        self.state(|state| state.denied.push(what.to_owned()));
    }

    pub(crate) fn allow_all(&self) {
        self.state(|state| state.denied.clear());
    }
}

async fn serve(listener: TcpListener, shared: Arc<Mutex<State>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let Some((head, body)) = read(&mut stream).await else { continue };
        let (status, answer) = answer(&mut shared.lock().expect("no panic in a test"), &head, &body);
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
        let _ = stream.write_all((head + &answer).as_bytes()).await;
    }
}

/// Refuses what is not signed for the service that is asked.
fn answer(state: &mut State, head: &str, body: &str) -> (&'static str, String) {
    let header = |name: &str| {
        head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default().to_owned()
    };
    let signed_for = |service: &str| header("authorization").contains(&format!("/{service}/aws4_request"));
    let (target, content_type) = (header("x-amz-target"), header("content-type"));
    if !target.is_empty() && signed_for("ssm") && content_type == "application/x-amz-json-1.1" {
        ssm(state, &target, &serde_json::from_str(body).expect("json"))
    } else if signed_for("sts") && content_type == "application/x-www-form-urlencoded" {
        sts(state, &form_urlencoded::parse(body.as_bytes()).into_owned().collect())
    } else {
        ("403 Forbidden", String::new())
    }
}

fn ssm(state: &mut State, target: &str, wanted: &Value) -> (&'static str, String) {
    let denied = |what: &str| {
        let kind = json!({"__type": "AccessDeniedException", "Message": format!("not authorized: {what}")});
        ("400 Bad Request", kind.to_string())
    };
    let operation = target.strip_prefix("AmazonSSM.").unwrap_or_default();
    let name = wanted["Name"].as_str().unwrap_or_default();
    state.asked.push(format!("{operation} {name}").trim().to_owned());
    if let Some(what) = state.denied.iter().find(|what| *what == operation || *what == name) {
        return denied(what);
    }
    match operation {
        "GetParameters" => {
            let names = wanted["Names"].as_array().expect("names");
            assert!(names.len() <= 10 && wanted["WithDecryption"] == true, "{wanted}");
            let found: Vec<Value> = names
                .iter()
                .filter_map(|name| {
                    let (kind, value) = state.parameters.get(name.as_str()?)?;
                    Some(json!({"Name": name, "Type": kind, "Value": value}))
                })
                .collect();
            ("200 OK", json!({"Parameters": found, "InvalidParameters": []}).to_string())
        }
        "PutParameter" => {
            let value = wanted["Value"].as_str().filter(|value| !value.is_empty()).expect("a value");
            let place = state.parameters.get_mut(name).expect("a parameter of the stack");
            assert_eq!(wanted["Type"], place.0.as_str(), "the stack made it");
            assert!(wanted["Overwrite"] == true && value.len() <= 4096, "{wanted}");
            value.clone_into(&mut place.1);
            ("200 OK", json!({"Version": 2, "Tier": "Standard"}).to_string())
        }
        _ => denied(operation),
    }
}

fn sts(state: &mut State, form: &HashMap<String, String>) -> (&'static str, String) {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let operation = field("Action");
    state.asked.push(format!("{operation} {}", field("Audience.member.1")));
    if state.denied.iter().any(|what| what == operation) {
        let kind = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
            <Message>not authorized</Message></Error></ErrorResponse>";
        return ("403 Forbidden", kind.to_owned());
    }
    assert_eq!((operation, field("Version")), ("GetWebIdentityToken", "2011-06-15"));
    assert!(["RS256", "ES384"].contains(&field("SigningAlgorithm")), "{form:?}");
    let life: u32 = field("DurationSeconds").parse().expect("seconds");
    assert!((60..=3600).contains(&life), "{life}");
    let token = &state.token;
    let answer = format!(
        r#"<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetWebIdentityTokenResult>
    <WebIdentityToken>{token}</WebIdentityToken>
    <Expiration>2026-03-01T00:05:00Z</Expiration>
  </GetWebIdentityTokenResult>
</GetWebIdentityTokenResponse>"#
    );
    ("200 OK", answer)
}

async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
            if body.len() >= length.parse::<usize>().ok()? {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => request.extend(more.iter().take(read)),
        }
    }
}
