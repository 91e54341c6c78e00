//! The line that each request leaves in the function's log.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use function::log::{milliseconds, write_line};
use serde::Serialize;

use super::{Outcome, Response};
use crate::failure::Failure;
use crate::log::totals;

/// The line about one request. Nothing that a stranger sent is in it: no path, no parameter, no header.
#[derive(Debug, Serialize)]
pub struct LinkingLog {
    level: &'static str,
    message: &'static str,
    /// `home_assistant` answered, `page` for a phone sent there, `refused`, `malformed` or `unavailable`.
    pub outcome: &'static str,
    status: u16,
    /// The `grant_type` of what went to Home Assistant.
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<&'static str>,
    /// Why it was refused, or what kept Home Assistant's answer away.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// Whether it was the first of this execution environment.
    cold: bool,
    elapsed_ms: f64,
    /// As [`crate::DirectiveLog`] has them.
    phases_ms: BTreeMap<&'static str, f64>,
}

impl LinkingLog {
    pub(super) fn new(
        response: &Response,
        outcome: &Outcome,
        grant: Option<&'static str>,
        cold: bool,
        elapsed: Duration,
        phases: Vec<(&'static str, Duration)>,
    ) -> Self {
        let (word, failure) = match outcome {
            Outcome::Answered => ("home_assistant", None),
            Outcome::Redirected => ("page", None),
            Outcome::Refused(why) => ("refused", Some((*why).to_owned())),
            Outcome::Malformed => ("malformed", None),
            Outcome::Unavailable(failure) => ("unavailable", Some(Failure::told(failure))),
        };
        // What strangers try is no reason to warn; a user who cannot link is.
        let warns = grant.is_some() && response.status() != 200;
        Self {
            level: if warns { "WARN" } else { "INFO" },
            message: "linking request answered",
            outcome: word,
            status: response.status(),
            grant,
            failure,
            cold,
            elapsed_ms: milliseconds(elapsed),
            phases_ms: totals(phases),
        }
    }

    /// Writes the line to `log`. A log that cannot be written keeps no request from its answer.
    pub fn write(&self, log: &mut impl Write) {
        write_line(self, log);
    }
}
