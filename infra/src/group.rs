//! Reads one group of a stack's config, like `porch:bridge`, field by field, and notes everything that is
//! wrong.

use serde_json::{Map, Value};

use crate::config::{Entry, StackConfig};
use crate::settings::Secret;
use crate::values::Expected;
use crate::wrong::{Found, Wrong, nearest};

/// A group being read.
pub struct Group<'a> {
    key: String,
    unread: Map<String, Value>,
    fields: Vec<&'static str>,
    wrong: &'a mut Vec<Wrong>,
}

impl<'a> Group<'a> {
    /// Begins to read the group under `key`; `None` when there is none, or what is there is no group.
    pub fn open(config: &StackConfig, key: &'static str, wrong: &'a mut Vec<Wrong>) -> Option<Self> {
        let found = match config.entries.get(key)? {
            Entry::Read(text) => match serde_json::from_str(text) {
                Ok(Value::Object(unread)) => {
                    return Some(Self { key: key.to_owned(), unread, fields: Vec::new(), wrong });
                }
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

    /// A list of texts that must be there; `example` is of such a text.
    pub fn required_list<T>(
        &mut self,
        field: &'static str,
        example: &str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<Vec<T>> {
        if !self.is_set(field) {
            self.note_list(field, Found::NotSet, example, &parse);
        }
        self.list(field, example, parse)
    }

    /// A list of texts, at least one, that may be absent.
    pub fn list<T>(
        &mut self,
        field: &'static str,
        example: &str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<Vec<T>> {
        let value = self.take(field)?;
        let found = match value.as_array() {
            Some(values) if !values.is_empty() => return self.elements(field, values, example, parse),
            Some(_) => Found::Described("an empty list"),
            None => Found::value(&value),
        };
        self.note_list(field, found, example, parse);
        None
    }

    fn note_list<T>(
        &mut self,
        field: &str,
        found: Found,
        example: &str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) {
        let name = format!("{}.{field}", self.key);
        let expected = format!("a list, each {}", parse("").err().unwrap_or_default());
        let set = format!("pulumi config set --path '{name}[0]' {example}");
        // Pulumi sets no element of what is no list.
        let remove = format!("pulumi config rm --path {name}\n");
        let way_out = if found == Found::NotSet { set } else { remove + &set };
        self.wrong.push(Wrong { name, found, expected, way_out });
    }

    /// A list of objects that must be there, at least one, each read by `read`; `example` is a field of such an object
    /// with a value.
    pub fn required_objects<T>(
        &mut self,
        field: &'static str,
        example: (&str, &str),
        read: impl Fn(&mut Group<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.take(field);
        let found = match value {
            None => Found::NotSet,
            Some(Value::Array(values)) if !values.is_empty() => {
                return self.objects(field, values, example, read);
            }
            Some(Value::Array(_)) => Found::Described("an empty list"),
            Some(value) => Found::value(&value),
        };
        self.note_object(format!("{}.{field}", self.key), found, "a list, at least one", (field, 0), example);
        None
    }

    fn objects<T>(
        &mut self,
        field: &'static str,
        values: Vec<Value>,
        example: (&str, &str),
        read: impl Fn(&mut Group<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let (count, mut right) = (values.len(), Vec::new());
        for (index, value) in values.into_iter().enumerate() {
            let key = format!("{}.{field}[{index}]", self.key);
            let Value::Object(unread) = value else {
                self.note_object(key, Found::value(&value), "an object", (field, index), example);
                continue;
            };
            let mut group = Group { key, unread, fields: Vec::new(), wrong: self.wrong };
            right.extend(read(&mut group));
            group.close();
        }
        (right.len() == count).then_some(right)
    }

    fn note_object(
        &mut self,
        name: String,
        found: Found,
        expected: &str,
        (field, index): (&str, usize),
        (member, example): (&str, &str),
    ) {
        let set = format!("pulumi config set --path '{}.{field}[{index}].{member}' {example}", self.key);
        // Pulumi sets no member of what is no object, nor an element of what is no list.
        let way_out =
            if found == Found::NotSet { set } else { format!("pulumi config rm --path '{name}'\n{set}") };
        self.wrong.push(Wrong { name, found, expected: expected.to_owned(), way_out });
    }

    fn elements<T>(
        &mut self,
        field: &str,
        values: &[Value],
        example: &str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<Vec<T>> {
        let path = format!("{}.{field}", self.key);
        let mut right = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let text = value.as_str();
            match parse(text.unwrap_or_default()) {
                Ok(value) => right.push(value),
                Err(expected) => self.wrong.push(Wrong {
                    name: format!("{path}[{index}]"),
                    found: text.map_or_else(|| Found::value(value), Found::text),
                    expected,
                    way_out: format!("pulumi config set --path '{path}[{index}]' {example}"),
                }),
            }
        }
        (right.len() == values.len()).then_some(right)
    }

    /// Whether a field is there at all.
    pub fn is_set(&self, field: &str) -> bool {
        self.unread.contains_key(field)
    }

    /// A field that other settings leave no use for: it is wrong to be there, and `expected` says when it would not
    /// be. Returns whether it is not.
    pub fn must_be_unset(&mut self, field: &'static str, expected: &str) -> bool {
        let Some(value) = self.take(field) else { return true };
        let name = format!("{}.{field}", self.key);
        let way_out = format!("pulumi config rm --path {name}");
        self.wrong.push(Wrong { name, found: Found::value(&value), expected: expected.to_owned(), way_out });
        false
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
            let remove = format!("pulumi config rm --path {}", quoted(&path));
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
        let way_out = format!("pulumi config set --path {} {example}", quoted(&name));
        self.wrong.push(Wrong { name, found, expected, way_out });
    }
}

/// A path as a shell takes it: brackets mean something there.
fn quoted(path: &str) -> String {
    if path.contains('[') { format!("'{path}'") } else { path.to_owned() }
}
