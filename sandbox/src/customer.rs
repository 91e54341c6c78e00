//! Whoever has an Amazon account and an Echo, and what Amazon has on record: the driver of the fake.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::http;
use crate::parts::amazon::{DRIVER_URL, LOGIN_URL};

/// It answers from memory, but writes down what it is told first.
const LIMIT: Duration = Duration::from_secs(10);
/// Where the browser of who links the skill goes in the end: a return URL of Amazon's own app.
const RETURN_URL: &str = "https://pitangui.amazon.com/api/skill/link/M1SANDBOX";

/// A client at Login with Amazon: the skill's own for its events, or a security profile for linking.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
}

/// An event that the gateway accepted.
#[derive(Clone, Debug, Deserialize)]
pub struct Accepted {
    /// At which gateway, like `NA`.
    pub region: String,
    /// Whose it was.
    pub customer: String,
    /// The message, its token made unreadable.
    pub message: Value,
}

/// The running fake.
#[derive(Clone, Debug)]
pub struct Amazon {
    client: reqwest::Client,
}

impl Amazon {
    /// The fake that `up` starts.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new() -> Result<Self> {
        Ok(Self { client: http::client(None, LIMIT)? })
    }

    /// Has the skill `id`, which may send events with the credentials of `client`.
    ///
    /// # Errors
    /// When the fake does not take it.
    pub async fn skill(&self, id: &str, client: &Client) -> Result<()> {
        let body = json!({
            "client_id": client.id,
            "client_secret": client.secret.expose_secret(),
            "permissions": ["alexa::async_event:write"],
        });
        self.tell(Method::PUT, &format!("skills/{id}"), &body).await.map(drop)
    }

    /// Has a security profile: the way in which customers link the skill.
    ///
    /// # Errors
    /// When the fake does not take it.
    pub async fn security_profile(&self, client: &Client) -> Result<()> {
        let body = json!({"client_secret": client.secret.expose_secret(), "return_urls": [RETURN_URL]});
        self.tell(Method::PUT, &format!("security-profiles/{}", client.id), &body).await.map(drop)
    }

    /// Has a customer called `name` in `region`, like `NA`, who has enabled the skill `id`.
    ///
    /// # Errors
    /// When the fake does not take it.
    pub async fn customer(&self, name: &str, region: &str, id: &str) -> Result<()> {
        self.tell(Method::PUT, &format!("customers/{name}"), &json!({"region": region})).await?;
        let enabled = json!({"enabled": true, "may_send_events": true});
        self.tell(Method::PUT, &format!("customers/{name}/skills/{id}"), &enabled).await.map(drop)
    }

    /// The code that Alexa hands over when `name` has linked the skill `id`: good once, for five minutes.
    ///
    /// # Errors
    /// When the fake knows neither.
    pub async fn grant_code(&self, name: &str, id: &str) -> Result<SecretString> {
        let path = format!("customers/{name}/skills/{id}/code");
        code(&self.tell(Method::POST, &path, &json!({})).await?)
    }

    /// The access token that Alexa has of `name` once the skill is linked: consent in a browser, then the exchange of
    /// its code.
    ///
    /// # Errors
    /// When Login with Amazon refuses.
    pub async fn linked_token(&self, name: &str, profile: &Client) -> Result<SecretString> {
        let path = format!("customers/{name}/security-profiles/{}/code", profile.id);
        let consent = json!({"scope": "profile:user_id", "redirect_uri": RETURN_URL, "code_challenge": null});
        let code = code(&self.tell(Method::POST, &path, &consent).await?)?;
        let form = json!({
            "grant_type": "authorization_code",
            "code": code.expose_secret(),
            "redirect_uri": RETURN_URL,
            "client_id": profile.id,
            "client_secret": profile.secret.expose_secret(),
        });
        let tokens = send(self.client.post(format!("{LOGIN_URL}/auth/o2/token")).json(&form)).await?;
        let token = tokens["access_token"].as_str();
        token.map(Into::into).ok_or_else(|| Error::Answer("Login with Amazon gave no access token".into()))
    }

    /// The events that were accepted, oldest first.
    ///
    /// # Errors
    /// When the fake does not tell.
    pub async fn events(&self) -> Result<Vec<Accepted>> {
        let events = send(self.client.get(format!("{DRIVER_URL}/events"))).await?;
        serde_json::from_value(events)
            .map_err(|error| Error::Answer(format!("the fake Amazon's events cannot be read: {error}")))
    }

    /// Tells the driver something, and gives its answer.
    ///
    /// # Errors
    /// When it refuses.
    pub async fn tell(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        send(self.client.request(method, format!("{DRIVER_URL}/{path}")).json(body)).await
    }
}

fn code(answer: &Value) -> Result<SecretString> {
    let code = answer["code"].as_str();
    code.map(Into::into).ok_or_else(|| Error::Answer("the fake Amazon gave no code".into()))
}

/// The JSON of a success.
async fn send(request: RequestBuilder) -> Result<Value> {
    let unreachable = |error: reqwest::Error| {
        let why = http::reason(&error);
        Error::Answer(format!("the fake Amazon does not answer ({why}); run `cargo xtask up`"))
    };
    let response = request.send().await.map_err(unreachable)?;
    let (status, path) = (response.status(), response.url().path().to_string());
    let body: Value = response.json().await.map_err(unreachable)?;
    if status.is_success() {
        return Ok(body);
    }
    let said = body["message"].as_str().or_else(|| body["error_description"].as_str()).unwrap_or_default();
    Err(Error::Answer(format!("the fake Amazon answers {status} to {path}: {said}")))
}
