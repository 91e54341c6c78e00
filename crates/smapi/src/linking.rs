//! How users link their account at Home Assistant, or elsewhere, with the skill.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

/// How users link their accounts: by the authorization code grant, the only one that smart home skills may use.
#[derive(Clone, Debug)]
pub struct AccountLinking {
    /// Where the user logs in.
    pub authorization_url: Url,
    /// Where Amazon gets tokens.
    pub access_token_url: Url,
    /// As which client Amazon asks for them.
    pub client_id: String,
    /// With which secret.
    pub client_secret: SecretString,
    /// How it shows the two.
    pub scheme: Scheme,
    /// For what.
    pub scopes: Vec<String>,
    /// From where else the page to log in takes what it shows.
    pub domains: Vec<String>,
    /// How long a token is good whose answer does not say so, in seconds.
    pub default_token_expiration_s: Option<u32>,
}

/// How Amazon shows its client id and secret when it gets tokens.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Scheme {
    /// In the header.
    HttpBasic,
    /// In the form, the only place where Home Assistant takes them.
    RequestBodyCredentials,
}

/// Account linking as Amazon tells it: all but the secret, which it never tells.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Linked {
    /// Where the user logs in.
    pub authorization_url: Option<String>,
    /// Where Amazon gets tokens.
    pub access_token_url: Option<String>,
    /// As which client.
    pub client_id: Option<String>,
    /// How it shows its id and secret.
    #[serde(rename = "accessTokenScheme")]
    pub scheme: Option<Scheme>,
    /// For what.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// From where else the page takes what it shows.
    #[serde(default)]
    pub domains: Vec<String>,
    /// How long a token is good by itself, in seconds.
    #[serde(rename = "defaultTokenExpirationInSeconds")]
    pub default_token_expiration_s: Option<u32>,
}

impl AccountLinking {
    /// What is put there.
    pub(crate) fn body(&self) -> Value {
        let mut request = json!({
            "type": "AUTH_CODE",
            "authorizationUrl": self.authorization_url.as_str(),
            "accessTokenUrl": self.access_token_url.as_str(),
            "clientId": self.client_id,
            "clientSecret": self.client_secret.expose_secret(),
            "accessTokenScheme": self.scheme,
            "scopes": self.scopes,
            "domains": self.domains,
        });
        if let Some(seconds) = self.default_token_expiration_s {
            request["defaultTokenExpirationInSeconds"] = json!(seconds);
        }
        json!({ "accountLinkingRequest": request })
    }

    /// Whether Amazon has this one, as far as it tells. Whether it has the secret, nobody can ask.
    #[must_use]
    pub fn is(&self, linked: &Linked) -> bool {
        *linked
            == Linked {
                authorization_url: Some(self.authorization_url.to_string()),
                access_token_url: Some(self.access_token_url.to_string()),
                client_id: Some(self.client_id.clone()),
                scheme: Some(self.scheme),
                scopes: self.scopes.clone(),
                domains: self.domains.clone(),
                default_token_expiration_s: self
                    .default_token_expiration_s
                    .or(linked.default_token_expiration_s),
            }
    }
}

impl Linked {
    /// Reads an answer: in an envelope, as the live service has it, or without one, as its specification has it.
    pub(crate) fn read(body: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Envelope {
            account_linking_response: Linked,
        }
        let value: Value = serde_json::from_slice(body)?;
        if value.get("accountLinkingResponse").is_some() {
            Envelope::deserialize(value).map(|envelope| envelope.account_linking_response)
        } else {
            Self::deserialize(value)
        }
    }
}
