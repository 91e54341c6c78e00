//! What an item is made of.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An item, or its key, by the names of its attributes.
pub type Item = BTreeMap<String, Attribute>;

/// The value of an attribute. It is never printed, since a table may hold tokens.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
pub enum Attribute {
    /// `{"S": "…"}`; not empty where it is a key.
    #[serde(rename = "S")]
    Text(String),
    /// `{"N": "12"}`: a number, which travels as text.
    #[serde(rename = "N")]
    Number(String),
    /// Anything else, which porch reads past.
    #[serde(untagged)]
    Other(serde_json::Value),
}

impl Attribute {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Other(_) => None,
        }
    }

    /// The number, if it is one that fits.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.parse().ok(),
            Self::Text(_) | Self::Other(_) => None,
        }
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Attribute {
    fn from(number: u64) -> Self {
        Self::Number(number.to_string())
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text([REDACTED])",
            Self::Number(_) => "Number([REDACTED])",
            Self::Other(_) => "Other([REDACTED])",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_item_reads_and_writes_as_the_api_has_it() {
        let wire = json!({"user": {"S": "amzn1"}, "version": {"N": "7"}, "other": {"SS": ["a"]}, "no": {"NULL": true}});
        let item: Item = serde_json::from_value(wire.clone()).expect("an item");
        assert_eq!(item["user"].text(), Some("amzn1"));
        assert_eq!(
            (item["version"].number(), item["user"].number(), item["other"].text()),
            (Some(7), None, None)
        );
        assert_eq!(serde_json::to_value::<&Item>(&item).expect("json"), wire);
    }

    #[test]
    fn no_value_is_printed() {
        let item: Item =
            [("a", json!({"S": "planted"})), ("b", json!({"N": "77"})), ("c", json!({"B": "planted"}))]
                .map(|(name, value): (&str, Value)| {
                    (name.into(), serde_json::from_value(value).expect("a value"))
                })
                .into();
        let printed = format!("{item:?}");
        assert!(!printed.contains("planted") && !printed.contains("77"), "{printed}");
    }
}
