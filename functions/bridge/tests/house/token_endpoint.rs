//! Home Assistant's token endpoint, as strict as the real one and with each of its answers.

use std::collections::HashMap;
use std::sync::Mutex;

/// A token endpoint that has made one code (homeassistant/components/auth).
#[derive(Debug)]
pub(crate) struct TokenEndpoint {
    code: Mutex<Option<&'static str>>,
}

impl TokenEndpoint {
    /// A code that is good once.
    pub(crate) const CODE: &str = "planted-code";
    /// The refresh token that it gives.
    pub(crate) const REFRESH_TOKEN: &str = "planted-refresh-token";
    /// The access token that it gives.
    pub(crate) const ACCESS_TOKEN: &str = "planted.access.token";
    /// A refresh token of a user who was made inactive.
    pub(crate) const INACTIVE: &str = "planted-inactive";
    /// To whom all of them were given.
    pub(crate) const CLIENT: &str = "https://layla.amazon.com/";

    pub(crate) fn new() -> Self {
        Self { code: Mutex::new(Some(Self::CODE)) }
    }

    /// The whole answer to a request.
    pub(super) fn answer(&self, head: &str, body: &str) -> String {
        let is_form = head.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n");
        if !head.starts_with("POST /auth/token HTTP/1.1\r\n") || !is_form {
            return told("404 Not Found", "404: Not Found");
        }
        let pairs: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let form: HashMap<_, _> = pairs.iter().cloned().collect();
        let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
        let known = ["grant_type", "code", "refresh_token", "client_id"];
        if pairs.len() != 3 || !form.keys().all(|name| known.contains(&name.as_str())) {
            return told("418 I'm a teapot", "porch sends no other parameters");
        }
        let (access, refresh) = (Self::ACCESS_TOKEN, Self::REFRESH_TOKEN);
        let tokens = format!(r#""access_token":"{access}","token_type":"Bearer","expires_in":1800"#);
        match form.get("grant_type").map(String::as_str) {
            Some("authorization_code") if !is("client_id", Self::CLIENT) => refused("Invalid client id"),
            Some("authorization_code") => {
                let mut code = self.code.lock().expect("no panic in a test");
                match code.take_if(|code| is("code", code)) {
                    Some(_) => told("200 OK", &format!(r#"{{{tokens},"refresh_token":"{refresh}"}}"#)),
                    None => refused("Invalid code"),
                }
            }
            Some("refresh_token") if is("refresh_token", Self::INACTIVE) => {
                let reason = r#"{"error":"access_denied","error_description":"User is not active"}"#;
                told("403 Forbidden", reason)
            }
            Some("refresh_token") if !is("refresh_token", refresh) => {
                told("400 Bad Request", r#"{"error":"invalid_grant"}"#)
            }
            Some("refresh_token") if !is("client_id", Self::CLIENT) => {
                told("400 Bad Request", r#"{"error":"invalid_request"}"#)
            }
            Some("refresh_token") => told("200 OK", &format!("{{{tokens}}}")),
            Some(_) | None => told("400 Bad Request", r#"{"error":"unsupported_grant_type"}"#),
        }
    }
}

fn refused(description: &str) -> String {
    let body = format!(r#"{{"error":"invalid_request","error_description":"{description}"}}"#);
    told("400 Bad Request", &body)
}

fn told(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nServer: Python/3.11 aiohttp\r\nSet-Cookie: a=b\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}
