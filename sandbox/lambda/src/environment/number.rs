//! Which of a function's environments is meant.

use std::fmt;

use serde::Serialize;

/// A number below [`Number::COUNT`]. Lambda itself has as many environments as there are invocations at once, and does
/// not let the caller choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Number(u8);

impl Number {
    /// How many environments a function can have.
    pub const COUNT: u8 = 64;

    /// Reads a number.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number| *number < Self::COUNT).map(Self)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_64() {
        assert_eq!(Number::parse("0"), Some(Number::default()));
        assert_eq!(Number::parse("63").map(|number| number.to_string()).as_deref(), Some("63"));
        for text in ["64", "256", "-1", "", "one"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
