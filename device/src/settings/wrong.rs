//! What is wrong with the settings, all of it at once, in lines that a person can act on.

use std::fmt;

use toml::Value;

/// All settings that are wrong. Its text is one line each: the setting, what was found, what was expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct WrongSettings(Vec<Wrong>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Wrong {
    name: String,
    found: Found,
    expected: String,
}

/// What was found where a good value was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// A name that means nothing.
    Unknown,
    /// The same as elsewhere, where each must be different.
    Twice(String),
    /// A value that may be shown.
    Shown(String),
    /// A value that is not, or a fault that is best described.
    Described(String),
}

impl Found {
    /// A value of the file. No secret belongs there; what looks as if it held a password is not shown all the same.
    pub(crate) fn value(value: &Value) -> Self {
        match value {
            Value::String(text) if text.contains('@') => Self::Described("a text with `@` in it".into()),
            Value::String(text) => Self::text(text),
            Value::Integer(number) => Self::Shown(number.to_string()),
            Value::Float(number) => Self::Shown(number.to_string()),
            Value::Boolean(value) => Self::Shown(value.to_string()),
            Value::Datetime(time) => Self::Shown(time.to_string()),
            Value::Table(_) => Self::Described("a table".into()),
            Value::Array(_) => Self::Described("a list".into()),
        }
    }

    fn text(text: &str) -> Self {
        const SHOWN: usize = 60;
        let cut: String = text.chars().take(SHOWN).collect();
        let rest = if cut.len() < text.len() { "…" } else { "" };
        Self::Shown(format!("{cut:?}{rest}"))
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str("not set"),
            Self::Unknown => formatter.write_str("no such setting"),
            Self::Twice(text) => write!(formatter, "found {text} a second time"),
            Self::Shown(text) => write!(formatter, "found {text}"),
            Self::Described(what) => write!(formatter, "found {what}"),
        }
    }
}

impl WrongSettings {
    pub(crate) fn report(&mut self, name: impl Into<String>, found: Found, expected: impl Into<String>) {
        self.0.push(Wrong { name: name.into(), found, expected: expected.into() });
    }

    /// The value, or everything that is wrong.
    pub(crate) fn or<T>(self, value: Option<T>) -> Result<T, Self> {
        value.filter(|_| self.0.is_empty()).ok_or(self)
    }
}

impl fmt::Display for WrongSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(formatter, "porch-doorbell: 1 setting is wrong")?,
            several => write!(formatter, "porch-doorbell: {several} settings are wrong")?,
        }
        let found: Vec<String> = self.0.iter().map(|wrong| wrong.found.to_string()).collect();
        let names = self.0.iter().map(|wrong| wrong.name.chars().count()).max().unwrap_or_default();
        let widest = found.iter().map(|found| found.chars().count()).max().unwrap_or_default();
        for (wrong, found) in self.0.iter().zip(&found) {
            write!(formatter, "\n  {:names$}  {found:widest$}  expected {}", wrong.name, wrong.expected)?;
        }
        Ok(())
    }
}
