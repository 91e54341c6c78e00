//! What Login with Amazon gives.

use std::fmt;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::{Error, Unexpected};

use crate::token::BearerToken;

/// The right to send events, for an hour, and to get another hour of it.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For the event gateway, 350 to 2048 bytes.
    pub access_token: BearerToken,
    /// Valid until the customer takes it back, or there is a newer one; up to 2048 bytes. There is none where the old
    /// one stays.
    pub refresh_token: Option<RefreshToken>,
    /// When the access token ends, by the clock of whoever asked for it.
    pub expires_at: SystemTime,
}

/// What gets new tokens, from the client alone that it was given to.
#[derive(Clone, Debug, Deserialize)]
pub struct RefreshToken(SecretString);

impl RefreshToken {
    /// Takes a token as it was given.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(token.into())
    }

    /// Whether it is the same as `other`.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }

    /// The token, for whoever keeps it.
    #[must_use]
    pub fn into_secret(self) -> SecretString {
        self.0
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// By what Amazon knows a customer towards one developer: `amzn1.account.…`, for ever the same.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(try_from = "String")]
pub struct UserId(String);

impl UserId {
    /// 1 to 1024 printable characters of ASCII without `#`, which keys of the table other than users have.
    ///
    /// # Errors
    /// What is expected, if it is anything else.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        let good = (1..=1024).contains(&text.len()) && text.bytes().all(allowed);
        good.then(|| Self(text.to_owned())).ok_or("a user id of Login with Amazon, like amzn1.account.ABC")
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for UserId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

/// The answer with tokens.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    access_token: BearerToken,
    refresh_token: Option<RefreshToken>,
    #[serde(deserialize_with = "seconds")]
    expires_in: u64,
}

impl TokenAnswer {
    /// The tokens, asked for at `now`.
    pub(super) fn tokens(self, now: SystemTime) -> Tokens {
        // Longer than a day would be another service than this one, and a time that cannot be written down.
        let life = Duration::from_secs(self.expires_in.min(24 * 60 * 60));
        Tokens { access_token: self.access_token, refresh_token: self.refresh_token, expires_at: now + life }
    }
}

/// A number, which one of Amazon's pages has as text.
fn seconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    match Seconds::deserialize(deserializer)? {
        Seconds::Number(seconds) => Ok(seconds),
        Seconds::Text(text) => text
            .parse()
            .map_err(|_| D::Error::invalid_value(Unexpected::Other("text"), &"a number of seconds")),
    }
}
