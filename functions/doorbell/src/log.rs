//! The line that each directive leaves in the function's log, with its metrics.

use std::io::Write;
use std::time::{Duration, SystemTime};

use alexa::{Directive, Kind};
use function::log::{milliseconds, shortened, write_line};
use function::metrics::Measured;
use serde::Serialize;

use crate::failure::Failure;

/// The line about one directive. No token, code, user or endpoint is in it.
#[derive(Debug, Serialize)]
pub struct DirectiveLog {
    level: &'static str,
    message: &'static str,
    namespace: Option<String>,
    name: Option<String>,
    /// `done`, or the type of the error.
    pub outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    elapsed_ms: f64,
}

impl DirectiveLog {
    pub(crate) fn new(directive: &Directive, failure: Option<&Failure>, elapsed: Duration) -> Self {
        let outcome = match (failure, directive.kind()) {
            (None, _) => "done",
            (Some(_), Kind::Grant) => "ACCEPT_GRANT_FAILED",
            (Some(failure), Kind::Discovery | Kind::Other) => failure.error_type().as_str(),
        };
        Self {
            level: if failure.is_some() { "WARN" } else { "INFO" },
            message: "directive answered",
            namespace: directive.namespace.as_deref().map(shortened),
            name: directive.name.as_deref().map(shortened),
            outcome,
            failure: failure.map(Failure::told),
            elapsed_ms: milliseconds(elapsed),
        }
    }

    /// Writes the line, with its metrics, about a directive that `function` answered at `now`. A log that cannot be
    /// written keeps no directive from its answer.
    pub fn write(&self, function: &str, now: SystemTime, log: &mut impl Write) {
        let times = [("Elapsed", self.elapsed_ms)];
        let failed = [("Failed", f64::from(u8::from(self.failure.is_some())))];
        write_line(&Measured::new(self, function, now, times, failed), log);
    }
}
