//! The line about one invocation.

use std::io::Write;
use std::time::Duration;

use function::log::{milliseconds, write_line};
use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::decide::Reason;
use super::error::RenewalError;

/// What came of an invocation; also what is returned to whoever invoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The key that was there is good for long enough.
    Kept {
        /// Id of the key.
        id: String,
        /// When it ends.
        #[serde(with = "rfc3339")]
        ends: OffsetDateTime,
    },
    /// A new key is there.
    Renewed {
        /// Id of the new key.
        id: String,
        /// When it ends.
        #[serde(with = "rfc3339")]
        ends: OffsetDateTime,
        /// Why it was made.
        reason: Reason,
    },
}

/// The line: one JSON object. No key, secret or token is in it.
#[derive(Debug, Serialize)]
pub struct RenewalLog<'a> {
    level: &'static str,
    message: &'static str,
    #[serde(flatten)]
    outcome: Option<&'a Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    elapsed_ms: f64,
}

impl<'a> RenewalLog<'a> {
    /// About one invocation.
    pub fn new(outcome: Result<&'a Outcome, &RenewalError>, elapsed: Duration) -> Self {
        let (level, message) = match outcome {
            Ok(Outcome::Kept { .. }) => ("INFO", "key kept"),
            Ok(Outcome::Renewed { .. }) => ("INFO", "key renewed"),
            Err(_) => ("ERROR", "key not renewed"),
        };
        let failure = outcome.err().map(RenewalError::told);
        Self { level, message, outcome: outcome.ok(), failure, elapsed_ms: milliseconds(elapsed) }
    }

    /// Writes the line to `log`. A log that cannot be written keeps no key from being renewed.
    pub fn write(&self, log: &mut impl Write) {
        write_line(self, log);
    }
}
