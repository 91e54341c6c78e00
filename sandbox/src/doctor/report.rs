//! The report: what this machine finds of a stack, then what its function finds of the way to Home Assistant.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A report, in the shape in which the function gives it (`functions/bridge/src/doctor/report.rs`).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Report {
    porch: Porch,
    /// The function's version; empty when it could not be asked.
    pub version: String,
    /// The findings, in the order of the way.
    pub hops: Vec<Finding>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Porch {
    Doctor,
}

/// What was found at a hop.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Finding {
    /// Its name.
    pub hop: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub elapsed_ms: f64,
    /// What is there, in words.
    pub found: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// What came of a hop.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Directives fail here.
    Failed,
    /// Not tried.
    Skipped,
}

/// What is wrong at a hop, and what to do.
pub(super) struct Trouble {
    pub(super) found: String,
    pub(super) advice: String,
}

impl Trouble {
    pub(super) fn new(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { found: found.into(), advice: advice.into() }
    }
}

impl Finding {
    /// What came of a hop that took `elapsed`.
    pub(super) fn of(hop: &str, elapsed: Duration, seen: Result<String, Trouble>) -> Self {
        let (outcome, found, advice) = match seen {
            Ok(found) => (Outcome::Passed, found, None),
            Err(Trouble { found, advice }) => (Outcome::Failed, found, Some(advice)),
        };
        let elapsed_ms = (elapsed.as_secs_f64() * 10_000.0).round() / 10.0;
        Self { hop: hop.into(), outcome, elapsed_ms, found, advice }
    }
}

impl Report {
    /// These findings, then those of the function, if it gave any.
    pub(super) fn new(mut hops: Vec<Finding>, function: Option<Self>) -> Self {
        let Self { porch, version, hops: more } =
            function.unwrap_or(Self { porch: Porch::Doctor, version: String::new(), hops: Vec::new() });
        hops.extend(more);
        Self { porch, version, hops }
    }

    /// Whether every hop that was tried passed.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.hops.iter().all(|finding| finding.outcome != Outcome::Failed)
    }

    /// The report as it came, on one line.
    #[must_use]
    pub fn json(&self) -> String {
        // Strings and finite numbers can always be written.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}
