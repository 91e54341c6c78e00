//! The driver of the fake Amazon: customers, what they consent to, and what arrived.

use std::time::Duration;

use reqwest::{Client, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::http;
use crate::parts::amazon::DRIVER_URL;

const LIMIT: Duration = Duration::from_secs(10);

/// The way to the running fake.
#[derive(Clone, Debug)]
pub struct AmazonDriver {
    client: Client,
}

/// A skill, as far as it sends events.
#[derive(Clone, Debug)]
pub struct Skill {
    /// `amzn1.ask.skill.…`.
    pub id: String,
    /// "Alexa Client Id" on its permissions page.
    pub client_id: String,
    /// "Alexa Client Secret" there.
    pub client_secret: SecretString,
}

impl AmazonDriver {
    /// The fake of this machine's sandbox.
    ///
    /// # Errors
    /// When there can be no HTTP client.
    pub fn new() -> Result<Self> {
        Ok(Self { client: http::client(None, LIMIT)? })
    }

    /// Makes a skill that may send events known, or replaces it.
    ///
    /// # Errors
    /// When the fake does not answer.
    pub async fn know_skill(&self, skill: &Skill) -> Result<()> {
        let body = json!({
            "client_id": skill.client_id,
            "client_secret": skill.client_secret.expose_secret(),
            "permissions": ["alexa::async_event:write"],
        });
        self.tell(Method::PUT, &format!("skills/{}", skill.id), &body).await.map(drop)
    }

    /// Makes a customer in `region` (`NA`, `EU` or `FE`), or moves the one of that name there; gives the user id.
    ///
    /// # Errors
    /// When the fake does not answer.
    pub async fn know_customer(&self, name: &str, region: &str) -> Result<String> {
        let answer = self.tell(Method::PUT, &format!("customers/{name}"), &json!({"region": region})).await?;
        text(&answer, "user_id")
    }

    /// Has the customer enable the skill and allow it to send events; gives the code of the `AcceptGrant` that follows.
    ///
    /// # Errors
    /// When one of them is unknown, or the fake does not answer.
    pub async fn enable_skill(&self, customer: &str, skill: &Skill) -> Result<SecretString> {
        let path = format!("customers/{customer}/skills/{}", skill.id);
        self.tell(Method::PUT, &path, &json!({"enabled": true, "may_send_events": true})).await?;
        let answer = self.tell(Method::POST, &format!("{path}/code"), &Value::Null).await?;
        text(&answer, "code").map(SecretString::from)
    }

    /// The events that the gateways accepted since the fake was started, oldest first. One that came twice is there
    /// twice.
    ///
    /// # Errors
    /// When the fake does not answer.
    pub async fn events(&self) -> Result<Vec<Value>> {
        let events = self.tell(Method::GET, "events", &Value::Null).await?;
        events.as_array().cloned().ok_or_else(|| Error::Answer("the fake Amazon lists no events".into()))
    }

    async fn tell(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let failed =
            |why: String| Error::Answer(format!("the fake Amazon does not do {method} {path}: {why}"));
        let request = self.client.request(method.clone(), format!("{DRIVER_URL}/{path}")).json(body);
        let response = request.send().await.map_err(|error| failed(http::reason(&error)))?;
        let status = response.status();
        let answer: Value = response.json().await.map_err(|error| failed(http::reason(&error)))?;
        if status.is_success() { Ok(answer) } else { Err(failed(answer["message"].to_string())) }
    }
}

fn text(answer: &Value, name: &str) -> Result<String> {
    let text = answer[name].as_str().map(str::to_owned);
    text.ok_or_else(|| Error::Answer(format!("the fake Amazon's answer has no {name}")))
}
