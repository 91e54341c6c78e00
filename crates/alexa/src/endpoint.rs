//! By what an endpoint is known, to Alexa and to people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An endpoint's id: unique and the same for ever, since routines and announcements hang on it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndpointId(String);

/// What people call an endpoint.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct FriendlyName(String);

/// What is expected of a text that is something else.
type Expected = &'static str;

impl EndpointId {
    /// 1 to 256 letters, digits and `_-=#;:?@&`. Amazon's page allows blanks as well, its schema does not.
    ///
    /// # Errors
    /// What is expected, if it is anything else.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-=#;:?@&".contains(&byte);
        let good = (1..=256).contains(&text.len()) && text.bytes().all(allowed);
        good.then(|| Self(text.to_owned())).ok_or("1 to 256 letters, digits and _-=#;:?@&, without blanks")
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FriendlyName {
    /// 1 to 128 letters, digits, blanks, and what people write in names, like `Café` or `Front-door 2`. Alexa has to
    /// speak it, so it must have a letter or digit.
    ///
    /// # Errors
    /// What is expected, if it is anything else.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let allowed = |character: char| character.is_alphanumeric() || " '-".contains(character);
        let good = (1..=128).contains(&text.chars().count())
            && text.chars().all(allowed)
            && text.chars().any(char::is_alphanumeric)
            && text.trim() == text;
        good.then(|| Self(text.to_owned())).ok_or("a name of 1 to 128 letters, digits and inner blanks")
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EndpointId {
    type Error = Expected;

    fn try_from(text: String) -> Result<Self, Expected> {
        Self::parse(&text)
    }
}

impl From<EndpointId> for String {
    fn from(id: EndpointId) -> Self {
        id.0
    }
}

impl TryFrom<String> for FriendlyName {
    type Error = Expected;

    fn try_from(text: String) -> Result<Self, Expected> {
        Self::parse(&text)
    }
}

impl From<FriendlyName> for String {
    fn from(name: FriendlyName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_only_what_the_schema_allows() {
        for good in ["a", "front-door", "light#lamp", "a_b=c;d:e?f@g&h", &"x".repeat(256)] {
            assert!(EndpointId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "front door", "a.b", "a/b", "tür", &"x".repeat(257)] {
            assert!(EndpointId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_is_something_that_can_be_said() {
        for good in ["Front door", "Haustür", "Door 2", "Grandma's door", &"x".repeat(128)] {
            assert!(FriendlyName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "--", " Front door", "Front\ndoor", "<b>", &"x".repeat(129)] {
            assert!(FriendlyName::parse(bad).is_err(), "{bad}");
        }
    }
}
