//! What is wrong with the settings, all of it at once, in lines that a person can act on.

use std::ffi::{OsStr, OsString};
use std::fmt;

/// All settings that are wrong. Its text is one line each: the variable, what was found, what was expected.
#[derive(Debug, thiserror::Error)]
pub struct WrongSettings {
    program: &'static str,
    wrong: Vec<WrongSetting>,
}

impl WrongSettings {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wrong.is_empty()
    }
}

impl fmt::Display for WrongSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program;
        match self.wrong.len() {
            1 => write!(f, "{program}: 1 setting is wrong")?,
            several => write!(f, "{program}: {several} settings are wrong")?,
        }
        let found: Vec<String> = self.wrong.iter().map(|wrong| wrong.found.to_string()).collect();
        let names = self.wrong.iter().map(|wrong| wrong.name.len()).max().unwrap_or_default();
        let widest = found.iter().map(|found| found.chars().count()).max().unwrap_or_default();
        for (wrong, found) in self.wrong.iter().zip(&found) {
            write!(f, "\n  {:names$}  {found:widest$}  expected {}", wrong.name, wrong.expected)?;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct WrongSetting {
    name: &'static str,
    found: Found,
    expected: &'static str,
}

/// What was found where a good value was expected.
#[derive(Debug)]
pub enum Found {
    /// It is not set.
    Nothing,
    /// It is set, and so is another, while only one of them may be.
    AlsoSet(&'static str),
    /// It is set where it must not be.
    OutOfPlace,
    /// It is set, and does not go with something else that is so.
    Beside(&'static str),
    /// A value that may be a secret.
    Hidden,
    /// This value.
    Shown(String),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("not set"),
            Self::AlsoSet(other) => write!(f, "set, as is {other}"),
            Self::OutOfPlace => f.write_str("set"),
            Self::Beside(other) => write!(f, "set, and {other}"),
            Self::Hidden => f.write_str("a value that is not shown"),
            Self::Shown(value) => write!(f, "found `{value}`"),
        }
    }
}

/// What a good value is, and whether a bad one may be shown.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    text: &'static str,
    secret: bool,
}

impl Expected {
    /// Of a value that may be shown when it is wrong.
    #[must_use]
    pub const fn shown(text: &'static str) -> Self {
        Self { text, secret: false }
    }

    /// Of a value that may be a secret, even if it is wrong.
    #[must_use]
    pub const fn hidden(text: &'static str) -> Self {
        Self { text, secret: true }
    }

    fn found(&self, value: &OsStr) -> Found {
        const SHOWN: usize = 60;
        match value.to_str() {
            // What has an @ may have a password before it.
            Some(text) if !self.secret && !text.contains('@') => {
                let cut = if text.chars().count() > SHOWN { "..." } else { "" };
                let text: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
                Found::Shown(text + cut)
            }
            Some(_) | None => Found::Hidden,
        }
    }
}

/// Reads variables and collects what is wrong with them.
pub struct Reader<'a> {
    program: &'static str,
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
    wrong: Vec<WrongSetting>,
}

impl<'a> Reader<'a> {
    /// Reads through `lookup`, which is the environment in `main` and a map in tests, for `program`.
    pub fn new(program: &'static str, lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { program, lookup, wrong: Vec::new() }
    }

    /// Whether the variable is set at all.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        (self.lookup)(name).is_some()
    }

    /// The value, if it is set and good. Only what is absent is no error.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        expected: &Expected,
        parse: fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = (self.lookup)(name)?;
        let parsed = value.to_str().and_then(parse);
        if parsed.is_none() {
            self.report(name, expected.found(&value), expected.text);
        }
        parsed
    }

    /// The value, if it is set and good, like [`Reader::optional`], where `parse` tells what is wrong. A bad one is not
    /// shown, since a private key may stand where a certificate was expected.
    pub fn checked<T>(
        &mut self,
        name: &'static str,
        parse: fn(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        let value = (self.lookup)(name)?;
        let parsed = value.to_str().ok_or("text").and_then(parse);
        parsed.map_err(|expected| self.report(name, Found::Hidden, expected)).ok()
    }

    /// The value, if it is good; absent is wrong as well.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        expected: &Expected,
        parse: fn(&str) -> Option<T>,
    ) -> Option<T> {
        if !self.is_set(name) {
            self.missing(name, expected.text);
        }
        self.optional(name, expected, parse)
    }

    /// Reports a variable that is not set, unless something was said about it already.
    pub fn missing(&mut self, name: &'static str, expected: &'static str) {
        if !self.wrong.iter().any(|wrong| wrong.name.starts_with(name)) {
            self.report(name, Found::Nothing, expected);
        }
    }

    /// Reports a variable.
    pub fn report(&mut self, name: &'static str, found: Found, expected: &'static str) {
        // Two services may be at one endpoint, and whatever is wrong with it is told once.
        if !self.wrong.iter().any(|wrong| wrong.name == name) {
            self.wrong.push(WrongSetting { name, found, expected });
        }
    }

    /// Everything that was reported.
    #[must_use]
    pub fn wrong(self) -> WrongSettings {
        WrongSettings { program: self.program, wrong: self.wrong }
    }
}
