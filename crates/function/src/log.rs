//! What a function writes to its log: JSON, one object per line, on standard error.

use std::borrow::Cow;
use std::io::Write;
use std::time::Duration;

use serde::Serialize;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the log. Only porch's `own` code is heard below warnings: libraries log headers and bodies, which hold tokens.
pub fn start(own: &[&'static str], debug: bool) {
    let level = if debug { LevelFilter::DEBUG } else { LevelFilter::INFO };
    let heard = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_targets(own.iter().map(|target| (*target, level)))
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

/// Writes one line of JSON. A log that cannot be written keeps nothing from its answer.
pub fn write_line(line: &impl Serialize, log: &mut impl Write) {
    let line = serde_json::to_string(line).map_or(Cow::Borrowed("{}"), Cow::Owned);
    let _ = writeln!(log, "{line}");
}

/// With one digit after the point: what a person compares.
#[must_use]
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Whatever came as a name, cut to what a name may be.
#[must_use]
pub fn shortened(name: &str) -> String {
    name.chars().take(100).collect()
}
