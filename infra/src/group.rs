//! Reads one group of a stack's config, like `porch:bridge`, field by field, and notes everything that is
//! wrong.

use serde_json::{Map, Value};

use crate::config::{Entry, StackConfig};
use crate::settings::Secret;
use crate::values::Expected;
use crate::wrong::{Found, Wrong, nearest};

/// A group being read.
pub struct Group<'a> {
    key: &'static str,
    unread: Map<String, Value>,
    fields: Vec<&'static str>,
    wrong: &'a mut Vec<Wrong>,
}

impl<'a> Group<'a> {
    /// Begins to read the group under `key`; `None` when there is none, or what is there is no group.
    pub fn open(config: &StackConfig, key: &'static str, wrong: &'a mut Vec<Wrong>) -> Option<Self> {
        let found = match config.entries.get(key)? {
            Entry::Read(text) => match serde_json::from_str(text) {
                Ok(Value::Object(unread)) => return Some(Self { key, unread, fields: Vec::new(), wrong }),
                Ok(value) => Found::scalar(&value),
                Err(_) => Found::Described("a text"),
            },
            Entry::Withheld { .. } => Found::Described("a secret, as a whole or because of one in it"),
        };
        wrong.push(Wrong {
            name: key.to_owned(),
            found,
            expected: "a group of settings, none of them secret".to_owned(),
            way_out: format!(
                "pulumi config rm {key}\nthen set its fields again, each with --path {key}.FIELD"
            ),
        });
        None
    }

    /// A text that must be there. Like the other readers, `None` after something wrong, which is noted.
    pub fn required<T>(
        &mut self,
        field: &'static str,
        example: &str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        if !self.unread.contains_key(field) {
            // What no text can be tells what was expected.
            let expected = parse("").err().unwrap_or_default();
            self.note(field, Found::NotSet, expected, example);
        }
        self.text(field, example, parse)
    }

    /// A text that may be absent.
    pub fn text<T>(
        &mut self,
        field: &'static str,
        example: &str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        let value = self.take(field)?;
        let Some(text) = value.as_str() else {
            let expected = parse("").err().unwrap_or_default();
            self.note(field, Found::value(&value), expected, example);
            return None;
        };
        parse(text).map_err(|expected| self.note(field, Found::text(text), expected, example)).ok()
    }

    /// A whole number that may be absent.
    pub fn number(
        &mut self,
        field: &'static str,
        example: u32,
        expected: &str,
        accepts: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let value = self.take(field)?;
        let number =
            value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| accepts(*number));
        if number.is_none() {
            self.note(field, Found::scalar(&value), expected.to_owned(), &example.to_string());
        }
        number
    }

    /// A yes or no that may be absent.
    pub fn flag(&mut self, field: &'static str, expected: &str) -> Option<bool> {
        let value = self.take(field)?;
        if !value.is_boolean() {
            self.note(field, Found::scalar(&value), expected.to_owned(), "false");
        }
        value.as_bool()
    }

    /// Ends the reading: every field that was not asked for is a mistake.
    pub fn close(self) {
        for name in self.unread.keys() {
            let path = format!("{}.{name}", self.key);
            let remove = format!("pulumi config rm --path {path}");
            let way_out = match Secret::ALL.iter().find(|secret| secret.key() == name) {
                Some(secret) => format!("{remove}\n{}", secret.command()),
                None => nearest(name, &self.fields).map_or_else(
                    || remove.clone(),
                    |field| format!("if `{field}` is meant, rename it; else {remove}"),
                ),
            };
            self.wrong.push(Wrong {
                name: path,
                found: Found::Unknown,
                expected: format!("one of {}", self.fields.join(", ")),
                way_out,
            });
        }
    }

    fn take(&mut self, field: &'static str) -> Option<Value> {
        if !self.fields.contains(&field) {
            self.fields.push(field);
        }
        self.unread.remove(field)
    }

    fn note(&mut self, field: &str, found: Found, expected: Expected, example: &str) {
        let name = format!("{}.{field}", self.key);
        let way_out = format!("pulumi config set --path {name} {example}");
        self.wrong.push(Wrong { name, found, expected, way_out });
    }
}
