//! A bell, as the function and the daemon read it. What is accepted here, they accept too.

use serde::Serialize;

use crate::values::Expected;

/// A bell.
#[derive(Debug, Serialize)]
pub struct Bell {
    /// By which Alexa and the daemon know it.
    pub id: EndpointId,
    /// What people call it.
    pub name: FriendlyName,
}

/// Id of an endpoint of Alexa's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EndpointId(String);

/// What people call an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FriendlyName(String);

impl EndpointId {
    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-=#;:?@&".contains(&byte);
        if (1..=256).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err("1 to 256 letters, digits and _-=#;:?@&, the same for ever".to_owned())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FriendlyName {
    /// Reads a name that Alexa can speak.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let allowed = |character: char| character.is_alphanumeric() || " '-".contains(character);
        let good = (1..=128).contains(&text.chars().count())
            && text.chars().all(allowed)
            && text.chars().any(char::is_alphanumeric)
            && text.trim() == text;
        if good {
            return Ok(Self(text.to_owned()));
        }
        Err("a name of 1 to 128 letters, digits and inner blanks".to_owned())
    }
}
