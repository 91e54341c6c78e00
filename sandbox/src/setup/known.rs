//! What is known of a stack: its config as a flat list of settings, each under the path that `pulumi config set --path`
//! has for it.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::change::Change;
use crate::error::{Error, Result};

/// A setting's value.
#[derive(Clone, Debug)]
pub enum Text {
    /// One that anybody may see.
    Plain(String),
    /// One that nobody may.
    Secret(SecretString),
}

impl Text {
    /// The value, for the line that uses it.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose_secret(),
        }
    }

    /// Whether nobody may see it.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }
}

/// By path, like `porch:bridge.baseUrl`.
#[derive(Clone, Debug, Default)]
pub struct Known(BTreeMap<String, Text>);

/// A key in the answer of `pulumi config --json --show-secrets`.
#[derive(Deserialize)]
struct Listed {
    value: Option<SecretString>,
    secret: bool,
}

impl Known {
    /// Reads the answer of `pulumi config --json --show-secrets`.
    ///
    /// # Errors
    /// When it is something else; nothing of it is told, since it holds secrets.
    pub fn of_listing(listing: &SecretString) -> Result<Self> {
        let listed: BTreeMap<String, Listed> = serde_json::from_str(listing.expose_secret())
            .map_err(|_| Error::Answer("pulumi config --json printed something else than a config".into()))?;
        let mut known = Self::default();
        for (key, Listed { value, secret }) in listed {
            let Some(value) = value else { continue };
            match serde_json::from_str(value.expose_secret()) {
                // A group with a secret in it is secret as a whole, and refused later.
                Ok(group @ Value::Object(_)) if !secret => known.flatten(&key, &group),
                _ if secret => known.learn(&key, Text::Secret(value)),
                _ => known.learn(&key, Text::Plain(value.expose_secret().to_owned())),
            }
        }
        Ok(known)
    }

    /// What stands under `path`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(Text::expose)
    }

    /// Everything, in the order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text))
    }

    /// From now on this stands there.
    pub fn learn(&mut self, path: &str, text: Text) {
        self.0.insert(path.to_owned(), text);
    }

    /// Whether anything stands there, or in a group or list that is there.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.0.keys().any(|known| is_within(known, path))
    }

    /// How many items the list at `path` has.
    #[must_use]
    pub fn length(&self, path: &str) -> usize {
        let item = |at: &usize| self.has(&format!("{path}[{at}]"));
        (0..).take_while(item).count()
    }

    /// From now on nothing stands there, nor in what was there.
    pub fn forget(&mut self, path: &str) {
        self.0.retain(|known, _| !is_within(known, path));
    }

    /// From now on it is as `change` makes it.
    pub fn apply(&mut self, change: &Change) {
        for (path, text) in &change.sets {
            self.learn(path, text.clone());
        }
        for path in &change.removes {
            self.forget(path);
        }
    }

    fn flatten(&mut self, path: &str, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.flatten(&format!("{path}.{name}"), value);
                }
            }
            Value::Array(values) => {
                for (at, value) in values.iter().enumerate() {
                    self.flatten(&format!("{path}[{at}]"), value);
                }
            }
            Value::String(text) => self.learn(path, Text::Plain(text.clone())),
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                self.learn(path, Text::Plain(value.to_string()));
            }
        }
    }
}

/// Whether `path` is `outer`, or one of its fields or items.
fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_becomes_paths_and_shows_no_secret() {
        let listing = r#"{
            "aws:region": {"value": "eu-west-1", "secret": false},
            "porch:bridge": {"value": "{\"linking\":true,\"tailnetTags\":[\"tag:a\"]}", "objectValue": {}, "secret": false},
            "porch:alexaClientSecret": {"value": "planted", "secret": true}
        }"#;
        let known = Known::of_listing(&listing.into()).unwrap();
        let paths: Vec<_> = known.iter().map(|(path, text)| (path, text.expose())).collect();
        let expected = [
            ("aws:region", "eu-west-1"),
            ("porch:alexaClientSecret", "planted"),
            ("porch:bridge.linking", "true"),
            ("porch:bridge.tailnetTags[0]", "tag:a"),
        ];
        assert_eq!(paths, expected);
        assert!(!format!("{known:?}").contains("planted"));
        let error = Known::of_listing(&"{planted".into()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("planted"));
    }
}
