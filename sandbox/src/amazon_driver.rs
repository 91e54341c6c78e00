//! The driver of the fake Amazon: customers, what they consent to, and what arrived.

use std::time::Duration;

use reqwest::{Client, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::http;
use crate::parts::amazon::{DRIVER_URL, LOGIN_URL};

const LIMIT: Duration = Duration::from_secs(10);
/// Where the browser of who links the skill goes in the end: to Amazon's own app.
const RETURN_URL: &str = "https://pitangui.amazon.com/api/skill/link/M1SANDBOX";

/// Where that of a developer goes, who has no server: as Amazon's own command line has it.
const DEVELOPERS_RETURN_URL: &str = "http://127.0.0.1:9090/cb";

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

/// A client of Login with Amazon with which customers link a skill.
#[derive(Clone, Debug)]
pub struct SecurityProfile {
    /// "Client ID" in its console.
    pub client_id: String,
    /// "Client Secret" there.
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
    pub async fn enable_skill(&self, customer: &str, skill_id: &str) -> Result<SecretString> {
        let path = format!("customers/{customer}/skills/{skill_id}");
        self.tell(Method::PUT, &path, &json!({"enabled": true, "may_send_events": true})).await?;
        let answer = self.tell(Method::POST, &format!("{path}/code"), &Value::Null).await?;
        text(&answer, "code").map(SecretString::from)
    }

    /// Makes a vendor known, for whom a customer makes skills, or changes it.
    ///
    /// # Errors
    /// When there is no such customer, or the fake does not answer.
    pub async fn know_vendor(&self, id: &str, owner: &str) -> Result<()> {
        let body = json!({"name": "Sandbox", "owner": owner});
        self.tell(Method::PUT, &format!("vendors/{id}"), &body).await.map(drop)
    }

    /// Makes a security profile known, or replaces it.
    ///
    /// # Errors
    /// When the fake does not answer.
    pub async fn know_security_profile(&self, profile: &SecurityProfile) -> Result<()> {
        let return_urls = [RETURN_URL, DEVELOPERS_RETURN_URL];
        let body =
            json!({"client_secret": profile.client_secret.expose_secret(), "return_urls": return_urls});
        self.tell(Method::PUT, &format!("security-profiles/{}", profile.client_id), &body).await.map(drop)
    }

    /// Has the customer consent to linking; gives the access token that Alexa has from then on.
    ///
    /// # Errors
    /// When one of them is unknown, or Login with Amazon does not take the code.
    pub async fn link(&self, customer: &str, profile: &SecurityProfile) -> Result<SecretString> {
        let tokens = self.consent(customer, profile, "profile:user_id", RETURN_URL).await?;
        text(&tokens, "access_token").map(SecretString::from)
    }

    /// Has a developer allow a security profile to make skills, in a browser; gives the refresh token.
    ///
    /// # Errors
    /// As [`AmazonDriver::link`].
    pub async fn allow_skills(&self, developer: &str, profile: &SecurityProfile) -> Result<SecretString> {
        let scopes = "alexa::ask:skills:readwrite alexa::ask:skills:test";
        let tokens = self.consent(developer, profile, scopes, DEVELOPERS_RETURN_URL).await?;
        text(&tokens, "refresh_token").map(SecretString::from)
    }

    /// Whether Login with Amazon still takes a refresh token.
    ///
    /// # Errors
    /// When the fake does not answer.
    pub async fn takes(&self, refresh_token: &SecretString, profile: &SecurityProfile) -> Result<bool> {
        let form = json!({
            "grant_type": "refresh_token",
            "refresh_token": refresh_token.expose_secret(),
            "client_id": profile.client_id,
            "client_secret": profile.client_secret.expose_secret(),
        });
        let url = format!("{LOGIN_URL}/auth/o2/token");
        let answer = self.client.post(&url).json(&form).send().await;
        let answer = answer.map_err(|error| Error::Answer(http::reason(&error)))?;
        Ok(answer.status().is_success())
    }

    /// What Login with Amazon gives for the code that a browser brings from a customer's consent.
    async fn consent(
        &self,
        customer: &str,
        profile: &SecurityProfile,
        scope: &str,
        return_url: &str,
    ) -> Result<Value> {
        let path = format!("customers/{customer}/security-profiles/{}/code", profile.client_id);
        let consent = json!({"scope": scope, "redirect_uri": return_url, "code_challenge": null});
        let code = text(&self.tell(Method::POST, &path, &consent).await?, "code")?;
        let exchange = json!({
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_url,
            "client_id": profile.client_id,
            "client_secret": profile.client_secret.expose_secret(),
        });
        let url = format!("{LOGIN_URL}/auth/o2/token");
        self.ask(Method::POST, &url, &exchange).await
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

    /// Has the next requests answered as the lines of a script say: a JSON list, as `sandbox/amazon/src/script.rs` reads
    /// them.
    ///
    /// # Errors
    /// When the fake does not know such answers.
    pub async fn script(&self, lines: &Value) -> Result<()> {
        self.tell(Method::POST, "script", lines).await.map(drop)
    }

    async fn tell(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        self.ask(method, &format!("{DRIVER_URL}/{path}"), body).await
    }

    async fn ask(&self, method: Method, url: &str, body: &Value) -> Result<Value> {
        let failed = |why: String| {
            Error::Answer(format!(
                "the fake Amazon does not do {method} {url}: {why}; does it run? `cargo xtask up`"
            ))
        };
        let response = self.client.request(method.clone(), url).json(body).send().await;
        let response = response.map_err(|error| failed(http::reason(&error)))?;
        let status = response.status();
        let answer: Value = response.json().await.map_err(|error| failed(http::reason(&error)))?;
        if status.is_success() { Ok(answer) } else { Err(failed(answer["message"].to_string())) }
    }
}

fn text(answer: &Value, name: &str) -> Result<String> {
    let text = answer[name].as_str().map(str::to_owned);
    text.ok_or_else(|| Error::Answer(format!("the fake Amazon's answer has no {name}")))
}
