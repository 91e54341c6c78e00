//! What the daemon writes to standard error: a line for each thing that happened, for people and for the journal.

use std::fmt::{self, Display};
use std::io::Write;

/// How much a line matters, as the journal counts it (syslog(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Somebody has to act.
    Error = 3,
    /// Something did not work, and will be tried again or is lost.
    Warning = 4,
    /// Something happened.
    Info = 6,
    /// Every step.
    Debug = 7,
}

/// A line: a sentence that reads alone, and fields to filter by, with the unit in their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How much it matters.
    pub priority: Priority,
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Line {
    /// A line with a sentence and no fields.
    pub fn new(priority: Priority, message: impl Into<String>) -> Self {
        Self { priority, message: message.into(), fields: Vec::new() }
    }

    /// This line with one more field.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Display) -> Self {
        self.fields.push((name, value.to_string()));
        self
    }
}

/// `message name=value name="a value with blanks"`, whatever came: a line stays one line.
impl Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escaped: String = self.message.chars().flat_map(one_line).collect();
        formatter.write_str(&escaped)?;
        for (name, value) in &self.fields {
            let is_word = !value.is_empty()
                && value.chars().all(|letter| letter.is_ascii_graphic() && letter != '"' && letter != '\\');
            if is_word {
                write!(formatter, " {name}={value}")?;
            } else {
                write!(formatter, " {name}={value:?}")?;
            }
        }
        Ok(())
    }
}

fn one_line(letter: char) -> impl Iterator<Item = char> {
    let escaped = letter.is_control().then(|| letter.escape_default());
    let plain = escaped.is_none().then_some(letter);
    escaped.into_iter().flatten().chain(plain)
}

/// Where lines go.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// The least that is written.
    pub least: Priority,
    /// Whether the journal reads it, to which each line tells its priority (sd-daemon(3)).
    pub journal: bool,
}

impl Log {
    /// Writes a line to standard error. There is nobody to tell if that fails.
    pub fn write(self, line: &Line) {
        if line.priority > self.least {
            return;
        }
        let prefix = if self.journal { format!("<{}>", line.priority as u8) } else { String::new() };
        let _ = writeln!(std::io::stderr(), "{prefix}{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_and_its_fields_can_be_told_apart() {
        let line = Line::new(Priority::Info, "a press\nwas announced")
            .field("bell", "front-door")
            .field("why", "said \"no\"\nand left")
            .field("nothing", "")
            .field("sent_ms", 26.5);
        let text =
            r#"a press\nwas announced bell=front-door why="said \"no\"\nand left" nothing="" sent_ms=26.5"#;
        assert_eq!(line.to_string(), text);
    }
}
