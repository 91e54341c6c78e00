//! What the function writes to its log: JSON, one object per line, on standard error.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use alexa::Directive;
use function::log::{milliseconds, shortened};
use serde::Serialize;

use crate::failure::Failure;

/// Whose log is heard: what the bridge and tailscaled say.
const OWN: [&str; 3] = ["bridge", "tailnet", "tailscaled"];

/// Starts the log.
pub fn start(debug: bool) {
    function::log::start(&OWN, debug);
}

/// The line about one directive: what came of it and how long each phase took. No token, body or endpoint is in it.
#[derive(Debug, Serialize)]
pub struct DirectiveLog {
    level: &'static str,
    message: &'static str,
    namespace: Option<String>,
    name: Option<String>,
    /// `home_assistant`, or the type of the ErrorResponse.
    pub outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// Whether it was the first of this execution environment.
    cold: bool,
    pub(crate) elapsed_ms: f64,
    /// The phases that ended since the last directive, in milliseconds.
    ///
    /// Once per start of tailscaled: `settings` read, `exec` done, `local_api` answers (from exec, and not before
    /// there is an auth key), `control` server has admitted the node, `netmap` and a relay are there; meanwhile
    /// `secrets` gathered. Once per connection: `name` resolved, `dial` done, `tls` agreed on. Once per directive:
    /// `reply` complete.
    pub(crate) phases_ms: BTreeMap<&'static str, f64>,
    /// Since when there is the key to the tailnet; told only of an old one.
    #[serde(skip)]
    pub(crate) key_written: Option<SystemTime>,
}

impl DirectiveLog {
    pub(crate) fn new(
        directive: &Directive,
        failure: Option<&Failure>,
        cold: bool,
        elapsed: Duration,
        phases: Vec<(&'static str, Duration)>,
    ) -> Self {
        Self {
            level: if failure.is_some() { "WARN" } else { "INFO" },
            message: "directive answered",
            namespace: directive.namespace.as_deref().map(shortened),
            name: directive.name.as_deref().map(shortened),
            outcome: failure.map_or("home_assistant", |failure| failure.error_type().as_str()),
            failure: failure.map(Failure::told),
            cold,
            elapsed_ms: milliseconds(elapsed),
            phases_ms: totals(phases),
            key_written: None,
        }
    }
}

/// The phases by name, in milliseconds; of one that ended several times, all together.
pub(crate) fn totals(phases: Vec<(&'static str, Duration)>) -> BTreeMap<&'static str, f64> {
    let mut totals = BTreeMap::new();
    for (phase, elapsed) in phases {
        *totals.entry(phase).or_insert(Duration::ZERO) += elapsed;
    }
    totals.into_iter().map(|(phase, elapsed)| (phase, milliseconds(elapsed))).collect()
}
