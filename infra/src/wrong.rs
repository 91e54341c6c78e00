//! What is wrong with a stack's settings, told to the person who can put it right.

use std::fmt;

use serde_json::Value;

/// Everything that is wrong with the settings of one stack, at least one thing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub struct WrongSettings {
    /// The stack's name.
    pub stack: String,
    /// In the order in which the settings were read.
    pub wrong: Vec<Wrong>,
}

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The setting, as `pulumi config` calls it.
    pub name: String,
    /// What is there now.
    pub found: Found,
    /// What should be there.
    pub expected: String,
    /// What to do about it: commands where there are some.
    pub way_out: String,
}

/// What is there in place of a right value, as far as it may be shown.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    NotSet,
    /// Something, under a name that means nothing.
    Unknown,
    /// This text.
    Shown(String),
    /// Something that is, or may be, a secret; described without quoting it.
    Described(&'static str),
}

/// Longer values are cut, so that a report stays a table.
const SHOWN: usize = 60;

impl Found {
    /// What is at a place where `value` is. A text that could hold a secret is not shown: one that begins
    /// like a Tailscale key or a Home Assistant token, a private key, an address with a user name, anything after `?` or
    /// `#`.
    pub fn value(value: &Value) -> Self {
        match value {
            Value::Null => Self::Described("nothing after the name"),
            Value::Bool(found) => Self::Shown(found.to_string()),
            Value::Number(found) => Self::Shown(found.to_string()),
            Value::Array(_) => Self::Described("a list"),
            Value::Object(_) => Self::Described("a group"),
            Value::String(text) => Self::text(text),
        }
    }

    /// See [`Found::value`].
    pub fn text(text: &str) -> Self {
        let trimmed = text.trim_start();
        if text.is_empty() {
            return Self::Described("an empty text");
        }
        if ["tskey-", "hskey-", "eyJ", "amzn1.oa2-cs.", "Atza|", "Atzr|"]
            .iter()
            .any(|start| trimmed.starts_with(start))
        {
            return Self::Described("what looks like a secret");
        }
        if text.contains("PRIVATE KEY") {
            return Self::Described("a private key");
        }
        if text.contains('@') {
            return Self::Described("a text with `@` in it");
        }
        let public = text.split(['?', '#']).next().unwrap_or_default();
        let cut: String = public.chars().take(SHOWN).collect();
        let rest = if cut.len() < text.len() { "…" } else { "" };
        Self::Shown(format!("{}{rest}", cut.escape_debug()))
    }

    /// What is at the place of a number or a yes or no where `value` is; a text stays unshown unless it is
    /// only a word.
    pub fn scalar(value: &Value) -> Self {
        let Some(text) = value.as_str() else { return Self::value(value) };
        match Self::text(text) {
            Self::Shown(word) if text.len() <= 8 => Self::Shown(format!("\"{word}\"")),
            Self::Shown(_) => Self::Described("a text"),
            unshown @ (Self::NotSet | Self::Unknown | Self::Described(_)) => unshown,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => formatter.write_str("not set"),
            Self::Unknown => formatter.write_str("no such setting"),
            Self::Shown(text) => write!(formatter, "found `{text}`"),
            Self::Described(what) => write!(formatter, "found {what}"),
        }
    }
}

impl fmt::Display for WrongSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.wrong.len();
        let (noun, verb) = if count == 1 { ("setting", "is") } else { ("settings", "are") };
        write!(formatter, "{count} {noun} of stack `{}` {verb} wrong", self.stack)?;
        for Wrong { name, found, expected, way_out } in &self.wrong {
            write!(formatter, "\n\n  {name}: {found}\n    expected  {expected}")?;
            for (index, line) in way_out.lines().enumerate() {
                write!(formatter, "\n    {}  {line}", if index == 0 { "way out " } else { "        " })?;
            }
        }
        Ok(())
    }
}

/// The one of `known` that a user who wrote `name` most likely meant.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let letters = |name: &str| name.to_lowercase().replace(['_', '-'], "");
    let distance = |other: &str| strsim::damerau_levenshtein(&letters(name), &letters(other));
    known
        .iter()
        .copied()
        .map(|other| (distance(other), other))
        .filter(|(distance, _)| *distance <= 3)
        .min()
        .map(|(_, other)| other)
}
