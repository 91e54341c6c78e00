//! A world with one customer and one skill, and requests to it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use fake_amazon::policies::Policies;
use fake_amazon::{Amazon, Host, Region, Reply, World, control};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

pub(crate) const CLIENT: &str = "amzn1.application-oa2-client.skill";
pub(crate) const SECRET: &str = "skill-secret";
pub(crate) const PROFILE: &str = "amzn1.application-oa2-client.login";
pub(crate) const PROFILE_SECRET: &str = "login-secret";
pub(crate) const RETURN_URL: &str = "https://layla.amazon.com/api/skill/link/M1";
pub(crate) const SKILL: &str = "amzn1.ask.skill.1";

/// The fake at a time of the test's own.
pub(crate) struct Play {
    pub(crate) amazon: Amazon,
    pub(crate) policies: Policies,
    pub(crate) now: SystemTime,
}

impl Play {
    /// Ann, in Europe, has enabled the skill and lets it send events.
    pub(crate) fn new() -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let mut play = Self { amazon: Amazon::new(World::new([7; 16])), policies: Policies::new(), now };
        let permissions = json!(["alexa::async_event:write"]);
        let skill = json!({"client_id": CLIENT, "client_secret": SECRET, "permissions": permissions});
        play.told("PUT", &format!("/skills/{SKILL}"), &skill);
        let profile = json!({"client_secret": PROFILE_SECRET, "return_urls": [RETURN_URL]});
        play.told("PUT", &format!("/security-profiles/{PROFILE}"), &profile);
        play.told("PUT", "/customers/ann", &json!({"region": "EU"}));
        play.told(
            "PUT",
            &format!("/customers/ann/skills/{SKILL}"),
            &json!({"enabled": true, "may_send_events": true}),
        );
        play
    }

    /// What the driver asks for, which has to succeed.
    pub(crate) fn told(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.tell(method, path, body);
        assert_eq!(status, StatusCode::OK, "{method} {path}: {answer}");
        answer
    }

    /// What the driver asks for.
    pub(crate) fn tell(&mut self, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let request =
            Request::builder().method(method).uri(path).body(Bytes::from(body.to_string())).unwrap();
        let response = control::answer(&mut self.amazon, &request, self.now);
        (response.status(), serde_json::from_slice(response.body()).unwrap())
    }

    /// The same world some time later.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
    }

    pub(crate) fn send(&mut self, host: Host, request: &Request<Bytes>) -> Reply {
        self.amazon.answer(host, request, &self.policies, self.now)
    }

    /// The code of an `AcceptGrant`.
    pub(crate) fn code(&mut self) -> String {
        let answer = self.told("POST", &format!("/customers/ann/skills/{SKILL}/code"), &Value::Null);
        answer["code"].as_str().unwrap().to_owned()
    }

    /// A request for tokens, as a form.
    pub(crate) fn form(&mut self, fields: &[(&str, &str)]) -> Reply {
        self.send(Host::Login, &form(fields))
    }

    /// Tokens for a code of the skill.
    pub(crate) fn exchange(&mut self, code: &str) -> Reply {
        self.form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
        ])
    }

    /// New tokens for a refresh token of the skill.
    pub(crate) fn refresh(&mut self, refresh_token: &str) -> Reply {
        self.form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
        ])
    }

    /// Access and refresh token of a fresh grant.
    pub(crate) fn grant(&mut self) -> (String, String) {
        let code = self.code();
        let tokens = body(&self.exchange(&code));
        let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
        (token("access_token"), token("refresh_token"))
    }

    /// A message at Europe's gateway.
    pub(crate) fn event(&mut self, token: &str, message: &Value) -> Reply {
        self.send(Host::Alexa(Region::Eu), &event(token, message))
    }
}

pub(crate) fn form(fields: &[(&str, &str)]) -> Request<Bytes> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    post("/auth/o2/token", "application/x-www-form-urlencoded;charset=UTF-8", body)
}

pub(crate) fn post(path: &str, content_type: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let request = Request::builder().method(Method::POST).uri(path).header("content-type", content_type);
    request.body(body.into()).unwrap()
}

pub(crate) fn event(token: &str, message: &Value) -> Request<Bytes> {
    let mut request = post("/v3/events", "application/json", message.to_string());
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

pub(crate) fn body(reply: &Reply) -> Value {
    serde_json::from_slice(reply.answer.response.body()).unwrap_or_default()
}

pub(crate) fn status(reply: &Reply) -> u16 {
    reply.answer.response.status().as_u16()
}

pub(crate) fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.answer.response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// A press of the bell, as documented.
pub(crate) fn press(token: &str) -> Value {
    json!({
        "context": {},
        "event": {
            "header": {
                "namespace": "Alexa.DoorbellEventSource",
                "name": "DoorbellPress",
                "payloadVersion": "3",
                "messageId": "5f8a426e-01e4-4cc9-8b79-65f8bd0fd8a4",
            },
            "endpoint": {"scope": {"type": "BearerToken", "token": token}, "endpointId": "doorbell-01"},
            "payload": {"cause": {"type": "PHYSICAL_INTERACTION"}, "timestamp": "2026-01-02T03:04:05Z"},
        },
    })
}
