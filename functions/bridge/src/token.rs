//! The token that Home Assistant knows its user by.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// A bearer token of Home Assistant: of the user who linked the skill, or a long-lived one.
#[derive(Clone, Debug)]
pub struct Token(SecretString);

impl Token {
    /// Takes a token as it was given; only Home Assistant can say whether it is good.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(token.into())
    }

    /// The value of the `Authorization` header, unless the token has characters that no header can carry.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}
