//! One table of the file: every setting in it is read once, and what is left over means nothing.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::{Table, Value};

use super::wrong::{Found, WrongSettings};

/// A table of the file that is being read.
pub(super) struct Section<'a> {
    /// What stands before a setting's name in reports, like `aws.`.
    prefix: String,
    table: &'a Table,
    known: Vec<&'static str>,
    wrong: &'a mut WrongSettings,
}

/// What a good value is.
pub(super) struct Kind<T> {
    pub(super) expected: &'static str,
    pub(super) parse: fn(&str) -> Option<T>,
}

impl<'a> Section<'a> {
    pub(super) fn new(prefix: impl Into<String>, table: &'a Table, wrong: &'a mut WrongSettings) -> Self {
        Self { prefix: prefix.into(), table, known: Vec::new(), wrong }
    }

    /// The text of this name, if it is set and good.
    pub(super) fn optional<T>(&mut self, name: &'static str, kind: &Kind<T>) -> Option<T> {
        let value = self.value(name)?;
        let parsed = value.as_str().and_then(kind.parse);
        if parsed.is_none() {
            self.report(name, Found::value(value), kind.expected);
        }
        parsed
    }

    /// The text of this name, if it is good; not to be set is wrong as well.
    pub(super) fn required<T>(&mut self, name: &'static str, kind: &Kind<T>) -> Option<T> {
        if self.value(name).is_none() {
            self.report(name, Found::Nothing, kind.expected);
        }
        self.optional(name, kind)
    }

    /// The number of this name, if it is set and in `range`.
    pub(super) fn number(&mut self, name: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.value(name)?;
        let number = value.as_integer().and_then(|number| u32::try_from(number).ok());
        let good = number.filter(|number| range.contains(number));
        if good.is_none() {
            let expected = format!("a number from {} to {}", range.start(), range.end());
            self.report(name, Found::value(value), expected);
        }
        good
    }

    /// The number of this name, if it is set and in `range`, as so many of `unit`.
    pub(super) fn time(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u32>,
        unit: Duration,
    ) -> Option<Duration> {
        self.number(name, range).map(|number| unit * number)
    }

    /// Yes or no, if it is set and good.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.value(name)?;
        if value.as_bool().is_none() {
            self.report(name, Found::value(value), "true or false");
        }
        value.as_bool()
    }

    /// The texts of this name, if it is set and all are good.
    pub(super) fn list<T>(&mut self, name: &'static str, kind: &Kind<T>) -> Option<Vec<T>> {
        let value = self.value(name)?;
        let Some(values) = value.as_array() else {
            self.report(name, Found::value(value), format!("a list, each of it {}", kind.expected));
            return None;
        };
        let parse = |value: &Value| value.as_str().and_then(kind.parse).ok_or_else(|| value.clone());
        let parsed: Result<Vec<T>, Value> = values.iter().map(parse).collect();
        parsed.map_err(|value| self.report(name, Found::value(&value), kind.expected)).ok()
    }

    /// The value of this name, whatever it is.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.table.get(name)
    }

    pub(super) fn report(&mut self, name: &str, found: Found, expected: impl Into<String>) {
        self.wrong.report(format!("{}{name}", self.prefix), found, expected);
    }

    /// Reports what nobody has asked for.
    pub(super) fn finish(mut self) {
        let unknown: Vec<&String> =
            self.table.keys().filter(|name| !self.known.contains(&name.as_str())).collect();
        let expected = format!("one of {}", self.known.join(", "));
        for name in unknown {
            self.report(name, Found::Unknown, expected.clone());
        }
    }
}
