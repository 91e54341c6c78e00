//! Tokens that say who is asking.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// A bearer token: of the user who linked the skill, or of Login with Amazon for the event gateway.
#[derive(Clone, Debug, Deserialize)]
pub struct BearerToken(SecretString);

impl BearerToken {
    /// Takes a token as it was given; only who made it can say whether it is good.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(token.into())
    }

    /// The value of the `Authorization` header, unless the token has characters that no header can carry.
    #[must_use]
    pub fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The token itself, for a body.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}
