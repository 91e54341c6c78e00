//! A place in a JSON text, with the questions that a schema asks of it. What is wrong is told by the place alone: a
//! value could be a token.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What is wrong, and where.
pub(super) type Wrong = String;

/// A value and the way to it.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Part<'a> {
    /// The whole text.
    pub(super) fn of(value: &'a Value) -> Self {
        Self { path: "message".into(), value }
    }

    /// It is wrong in this way.
    pub(super) fn wrong(&self, how: &str) -> Wrong {
        format!("{} {how}", self.path)
    }

    /// The member of this name, which has to be there.
    pub(super) fn need(&self, name: &str) -> Result<Self, Wrong> {
        self.find(name)?.ok_or_else(|| self.wrong(&format!("has no {name}")))
    }

    /// The member of this name, if it is there.
    pub(super) fn find(&self, name: &str) -> Result<Option<Self>, Wrong> {
        let member = self.object()?.get(name);
        Ok(member.map(|value| Self { path: format!("{}.{name}", self.path), value }))
    }

    /// It has no member but these.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), Wrong> {
        let stranger = self.object()?.keys().find(|name| !names.contains(&name.as_str()));
        stranger.map_or(Ok(()), |_| {
            Err(self.wrong(&format!("has a member that is none of {}", names.join(", "))))
        })
    }

    /// It is an object; gives its members.
    pub(super) fn object(&self) -> Result<&'a Map<String, Value>, Wrong> {
        self.value.as_object().ok_or_else(|| self.wrong("is no object"))
    }

    /// Every member of it is text.
    pub(super) fn texts(&self) -> Result<(), Wrong> {
        let all = self.object()?.values().all(Value::is_string);
        if all { Ok(()) } else { Err(self.wrong("has a member that is no text")) }
    }

    /// It is a list without repetition; gives its items.
    pub(super) fn items(&self) -> Result<Vec<Self>, Wrong> {
        let items = self.value.as_array().ok_or_else(|| self.wrong("is no list"))?;
        if items.iter().enumerate().any(|(at, item)| items[..at].contains(item)) {
            return Err(self.wrong("has an item twice"));
        }
        let numbered = items.iter().enumerate();
        Ok(numbered.map(|(at, value)| Self { path: format!("{}[{at}]", self.path), value }).collect())
    }

    /// The same with at least one item.
    pub(super) fn some_items(&self) -> Result<Vec<Self>, Wrong> {
        let items = self.items()?;
        if items.is_empty() { Err(self.wrong("is empty")) } else { Ok(items) }
    }

    /// It is text of 1 to `longest` characters.
    pub(super) fn text(&self, longest: usize) -> Result<&'a str, Wrong> {
        let text = self.value.as_str().ok_or_else(|| self.wrong("is no text"))?;
        match text.chars().count() {
            0 => Err(self.wrong("is empty")),
            count if count > longest => {
                Err(self.wrong(&format!("has {count} characters, more than {longest}")))
            }
            _ => Ok(text),
        }
    }

    /// `text`, its own, has only ASCII letters, digits and these.
    pub(super) fn made_of(&self, text: &str, others: &str) -> Result<(), Wrong> {
        if text.chars().all(|letter| letter.is_ascii_alphanumeric() || others.contains(letter)) {
            Ok(())
        } else {
            Err(self.wrong(&format!("has characters other than letters, digits and {others}")))
        }
    }

    /// It is one of these texts.
    pub(super) fn one_of(&self, texts: &[&str]) -> Result<&'a str, Wrong> {
        let text = self.value.as_str().filter(|text| texts.contains(text));
        text.ok_or_else(|| self.wrong(&format!("is none of {}", texts.join(", "))))
    }

    /// It is true or false.
    pub(super) fn truth(&self) -> Result<bool, Wrong> {
        self.value.as_bool().ok_or_else(|| self.wrong("is neither true nor false"))
    }

    /// It is a number of at least 0.
    pub(super) fn amount(&self) -> Result<(), Wrong> {
        let amount = self.value.as_f64().filter(|amount| *amount >= 0.0);
        amount.map(drop).ok_or_else(|| self.wrong("is no number of at least 0"))
    }

    /// It is a version of an interface; the older ones may also be the number 3.
    pub(super) fn version(&self) -> Result<(), Wrong> {
        if *self.value == 3 || self.value.as_str().is_some_and(|text| text.starts_with('3')) {
            Ok(())
        } else {
            Err(self.wrong("is not version 3"))
        }
    }

    /// It is a time in UTC, to the second: `2026-01-02T03:04:05Z`.
    pub(super) fn whole_second(&self) -> Result<(), Wrong> {
        self.time(str::is_empty, "is no UTC time in whole seconds, as 2026-01-02T03:04:05Z")
    }

    /// It is a time in UTC, to the second or with up to three digits more.
    pub(super) fn sample_time(&self) -> Result<(), Wrong> {
        let is_fraction = |fraction: &str| match fraction.strip_prefix('.') {
            Some(digits) => (1..=3).contains(&digits.len()),
            None => fraction.is_empty(),
        };
        self.time(is_fraction, "is no UTC time with at most milliseconds, as 2026-01-02T03:04:05.678Z")
    }

    fn time(&self, is_fraction: impl Fn(&str) -> bool, otherwise: &str) -> Result<(), Wrong> {
        let text = self.value.as_str().unwrap_or_default();
        let fraction = text.strip_suffix('Z').and_then(|text| text.get(19..));
        let on_a_calendar = OffsetDateTime::parse(text, &Rfc3339).is_ok_and(|time| time.year() >= 1000);
        // The standard allows a space or a small t in the middle; the schema does not.
        let has_t = text.as_bytes().get(10) == Some(&b'T');
        if on_a_calendar && has_t && fraction.is_some_and(is_fraction) {
            Ok(())
        } else {
            Err(self.wrong(otherwise))
        }
    }
}
