//! The name of an integration.

use std::borrow::Borrow;
use std::fmt::{self, Display};

use crate::record::ALEXA;

/// How an integration is called, in the settings, in the history, and on the page: like `hue` or `gate-camera`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IntegrationName(String);

impl IntegrationName {
    /// A name of small letters, digits and `-`, at most 32. Alexa's is taken.
    pub fn parse(name: &str) -> Option<Self> {
        let good = (1..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (good && name != ALEXA).then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for IntegrationName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Display for IntegrationName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
