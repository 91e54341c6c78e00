//! Ids, and the mark of a version.

use std::fmt;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

/// Id of a skill: `amzn1.ask.skill.` and a UUID in lower case.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(try_from = "String", into = "String")]
pub struct SkillId(String);

impl SkillId {
    /// Reads an id as Amazon gives it.
    ///
    /// # Errors
    /// What is expected, if it is anything else.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let uuid = text.strip_prefix("amzn1.ask.skill.").unwrap_or_default();
        let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
        let letters = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
        let good = groups == [8, 4, 4, 4, 12] && uuid.bytes().all(letters);
        good.then(|| Self(text.to_owned()))
            .ok_or("the id of a skill, amzn1.ask.skill. and a UUID in lower case")
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Id of a vendor, what a developer's account is in the API: letters and digits, like `M1ABCDEFGHIJKL`.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(try_from = "String", into = "String")]
pub struct VendorId(String);

impl VendorId {
    /// Reads an id as the developer console shows it ("My ID").
    ///
    /// # Errors
    /// What is expected, if it is anything else.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let good = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        good.then(|| Self(text.to_owned()))
            .ok_or("a vendor id, like M1ABCDEFGHIJKL, from the developer console (Settings, My ID)")
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The mark of one version of a manifest or an account linking; what it says is Amazon's affair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(HeaderValue);

impl ETag {
    pub(crate) fn of_header(value: &HeaderValue) -> Self {
        Self(value.clone())
    }

    /// The mark as it is, unless it has characters that no header can carry.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        HeaderValue::from_str(text).ok().map(Self)
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

macro_rules! text {
    ($($id:ident),*) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $id {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$id> for String {
            fn from(id: $id) -> Self {
                id.0
            }
        }
    )*};
}

text!(SkillId, VendorId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_amazon_writes_them() {
        for (text, is_good) in [
            ("amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef", true),
            ("amzn1.ask.skill.01234567-89AB-CDEF-0123-456789ABCDEF", false),
            ("amzn1.ask.skill.0123456789abcdef0123456789abcdef", false),
            ("amzn1.ask.skill.", false),
            ("amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcde/", false),
            ("01234567-89ab-cdef-0123-456789abcdef", false),
        ] {
            assert_eq!(SkillId::parse(text).is_ok(), is_good, "{text}");
        }
        for (text, is_good) in [("M1ABCDEFGHIJKL", true), ("", false), ("M1/..", false), ("M1?x=y", false)] {
            assert_eq!(VendorId::parse(text).is_ok(), is_good, "{text}");
        }
    }
}
