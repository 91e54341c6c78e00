//! Which of the image's functions this is.

use std::ffi::OsString;

use super::report::{Expected, Reader, WrongSettings};

const SERVE: Expected = Expected::shown("directives or key-renewal");

/// What the function serves: `SERVE`. Default: `directives`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serve {
    /// `directives`: answers Alexa.
    Directives,
    /// `key-renewal`: keeps the tailnet's auth key from ending.
    KeyRenewal,
}

impl Serve {
    /// Reads the one variable that says which others there are.
    ///
    /// # Errors
    /// When it is wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, WrongSettings> {
        let mut reader = Reader::new(&lookup);
        let serve = reader.optional("SERVE", &SERVE, Self::parse);
        let wrong = reader.wrong();
        if wrong.is_empty() { Ok(serve.unwrap_or(Self::Directives)) } else { Err(wrong) }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "directives" => Some(Self::Directives),
            "key-renewal" => Some(Self::KeyRenewal),
            _ => None,
        }
    }
}
