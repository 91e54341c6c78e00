//! What the function writes to its log: JSON, one object per line, on standard error.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use alexa::Directive;
use serde::Serialize;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::failure::Failure;

/// Starts the log. Only porch's own code is heard below warnings: libraries log headers and bodies, which hold tokens.
pub fn start(debug: bool) {
    let level = if debug { LevelFilter::DEBUG } else { LevelFilter::INFO };
    let heard = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_targets(["bridge", "tailnet", "tailscaled"].map(|target| (target, level)))
        // It tells what a function fails with, which is in the function's own line.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    let format = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .without_time()
        .with_writer(std::io::stderr);
    // A second start, which only tests could make, changes nothing.
    let _ = tracing_subscriber::registry().with(format).with(heard).try_init();
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
        }
    }
}

/// Writes one line of JSON.
pub(crate) fn write_line(line: &impl Serialize, log: &mut impl Write) {
    let line = serde_json::to_string(line).map_or(Cow::Borrowed("{}"), Cow::Owned);
    let _ = writeln!(log, "{line}");
}

/// The phases by name, in milliseconds; of one that ended several times, all together.
pub(crate) fn totals(phases: Vec<(&'static str, Duration)>) -> BTreeMap<&'static str, f64> {
    let mut totals = BTreeMap::new();
    for (phase, elapsed) in phases {
        *totals.entry(phase).or_insert(Duration::ZERO) += elapsed;
    }
    totals.into_iter().map(|(phase, elapsed)| (phase, milliseconds(elapsed))).collect()
}

/// With one digit after the point: what a person compares.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Whatever came as a name, cut to what a name may be.
fn shortened(name: &str) -> String {
    name.chars().take(100).collect()
}
