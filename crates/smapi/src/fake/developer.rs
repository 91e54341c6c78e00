//! Who asks.

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// A developer, as an access token tells: an account, and what it allowed the token's client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Developer {
    /// The account, by which the vendors' owners are known.
    pub account: String,
    /// The scopes.
    pub scopes: Vec<String>,
}

/// The access token of a request. Amazon takes it with or without `Bearer`; its own command line sends it without.
#[must_use]
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    Some(value.strip_prefix("Bearer ").unwrap_or(value))
}

impl Developer {
    pub(super) fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == scope)
    }
}
