//! The same without a person: all answers from a file, and all that is wrong with them at once.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use infra::wrong::nearest;
use secrecy::SecretString;
use toml::{Table, Value};

use super::question::Question;
use crate::error::{Doing, Result};

/// Most bytes taken of the file, and of one that a secret is in.
const LARGEST: u64 = 64 * 1024;

/// What a file answers, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Answers {
    /// Answers as a person would have typed them. Each may be a secret that stands at the wrong place.
    pub given: BTreeMap<Question, SecretString>,
    /// All that is wrong.
    pub wrong: Vec<Mistake>,
}

/// Something that is wrong with a file.
#[derive(Debug)]
pub struct Mistake {
    /// The answers that it is about.
    pub about: Vec<Question>,
    /// For people.
    pub why: String,
}

impl Mistake {
    /// One answer is not what was expected.
    pub(super) fn of(question: Question, expected: &str) -> Self {
        Self { about: vec![question], why: format!("expected {expected}") }
    }

    fn elsewhere(why: String) -> Self {
        Self { about: Vec::new(), why }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.about.iter().map(|question| name(*question)).collect();
        let colon = if names.is_empty() { "" } else { ": " };
        write!(formatter, "{}{colon}{}", names.join(", "), self.why)
    }
}

/// What each answer is called, and what it is.
const NAMES: [(&str, Question); 12] = [
    ("region", Question::Region),
    ("home_assistant", Question::HomeAssistant),
    ("bells", Question::Bells),
    ("device", Question::Device),
    ("amazon.client_id", Question::ClientId),
    ("amazon.client_secret", Question::ClientSecret),
    ("amazon.refresh_token", Question::Consent),
    ("amazon.vendor_id", Question::Vendor),
    ("tailnet.oauth_client_id", Question::OauthClientId),
    ("tailnet.oauth_secret", Question::OauthSecret),
    ("tailnet.tag", Question::Tag),
    ("tailnet.auth_key", Question::AuthKey),
];

/// What `question` is called in a file.
fn name(question: Question) -> &'static str {
    let named = NAMES.iter().find(|(_, known)| *known == question);
    named.map_or("tailnet.oauth_client_id or tailnet.auth_key", |(name, _)| name)
}

impl Answers {
    /// Reads `file`.
    ///
    /// # Errors
    /// When there is no such file, or it is no text. What is wrong in it is among the answers.
    pub fn read(file: &Path) -> Result<Self> {
        let text = read(file).doing(|| format!("read {}", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        Ok(Self::of(&text, |name| read(&folder.join(name))))
    }

    /// Reads a text; `open` reads a file beside it, that a secret is in.
    pub fn of(text: &str, open: impl Fn(&str) -> std::io::Result<String>) -> Self {
        let mut answers = Self::default();
        // What the parser says quotes the line, which may have a secret in it.
        match text.parse::<Table>() {
            Ok(table) => answers.take(table, &open),
            Err(error) => {
                let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                let at = before.lines().count().max(1);
                let why = format!("line {at} is no TOML: expected NAME = \"VALUE\", or [GROUP]");
                answers.wrong.push(Mistake::elsewhere(why));
            }
        }
        answers
    }

    fn take(&mut self, table: Table, open: &impl Fn(&str) -> std::io::Result<String>) {
        let mut found = BTreeMap::new();
        for (name, value) in table {
            if let Value::Table(group) = value {
                found.extend(group.into_iter().map(|(field, value)| (format!("{name}.{field}"), value)));
            } else {
                found.insert(name, value);
            }
        }
        for (name, question) in NAMES {
            let Some(value) = found.remove(name) else { continue };
            match answer(question, &value, open) {
                Ok(text) => drop(self.given.insert(question, text)),
                Err(why) => self.wrong.push(Mistake { about: vec![question], why }),
            }
        }
        let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        for name in found.keys() {
            let meant = nearest(name, &names).map_or_else(
                || format!("expected one of {}", names.join(", ")),
                |meant| format!("is {meant} meant?"),
            );
            self.wrong.push(Mistake::elsewhere(format!("{name}: there is no such answer; {meant}")));
        }
        self.choose_way();
    }

    /// Which way into the tailnet is meant follows from what is there for it.
    fn choose_way(&mut self) {
        let of_client = [Question::OauthClientId, Question::OauthSecret, Question::Tag];
        let has_client = of_client.iter().any(|question| self.given.contains_key(question));
        let way = match (has_client, self.given.contains_key(&Question::AuthKey)) {
            (true, true) => {
                let expected = "one of the two: the client makes keys itself";
                self.wrong.push(Mistake::of(Question::TailscaleAuth, expected));
                return;
            }
            (true, false) => "oauthClient",
            (false, true) => "authKey",
            (false, false) => return,
        };
        self.given.insert(Question::TailscaleAuth, way.into());
    }
}

fn answer(
    question: Question,
    value: &Value,
    open: &impl Fn(&str) -> std::io::Result<String>,
) -> Result<SecretString, String> {
    // A table that says more than where the secret is, is something else.
    let file =
        value.as_table().filter(|place| place.len() == 1).and_then(|place| place.get("file")?.as_str());
    let text = match (value.as_str(), value.as_array(), file) {
        (Some(text), ..) => text.to_owned(),
        (_, Some(names), _) if question == Question::Bells => {
            let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
            names.ok_or("expected a list of names, like [\"Front door\"]")?.join(",")
        }
        (.., Some(file)) if question.is_secret() => {
            open(file).map_err(|error| format!("the file {file} cannot be read: {error}"))?
        }
        _ => {
            let or_file = if question.is_secret() { ", or { file = \"PATH\" }" } else { "" };
            return Err(format!("expected a text{or_file}"));
        }
    };
    Ok(text.into())
}

fn read(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let length = File::open(file)?.take(LARGEST + 1).read_to_string(&mut text)?;
    match u64::try_from(length) {
        Ok(length) if length <= LARGEST => Ok(text),
        _ => Err(std::io::ErrorKind::FileTooLarge.into()),
    }
}
