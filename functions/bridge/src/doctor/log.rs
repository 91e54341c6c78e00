//! The line that an examination leaves in the function's log.

use std::io::Write;
use std::time::Duration;

use serde::Serialize;

use super::report::{Hop, Report};
use function::log::{milliseconds, write_line};

/// The line about one examination. It is never a warning and has no metrics: who asked has the report.
#[derive(Debug, Serialize)]
pub struct DoctorLog {
    level: &'static str,
    message: &'static str,
    /// The hop that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<Hop>,
    elapsed_ms: f64,
}

impl DoctorLog {
    pub(super) fn new(report: &Report, elapsed: Duration) -> Self {
        Self {
            level: "INFO",
            message: "doctor answered",
            failed: report.failed().map(|finding| finding.hop),
            elapsed_ms: milliseconds(elapsed),
        }
    }

    /// Writes the line to `log`. A log that cannot be written keeps no report from its reader.
    pub fn write(&self, log: &mut impl Write) {
        write_line(self, log);
    }
}
