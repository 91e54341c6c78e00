//! Directives with a fault on their way: how many were not answered as they should be.

use serde::Deserialize;

use super::figures::{Figure, INVALID_REPLIES, LATE_REPLIES, Measured, REPEATED_UNSAFE};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::progress::Progress;
use crate::run::Run;
use crate::settings::Settings;

/// What the bridge's example `faults` counts.
#[derive(Debug, Deserialize)]
struct Counted {
    runs: usize,
    invalid: u32,
    late: u32,
    repeated_unsafe: u32,
}

/// Goes through `runs` directives, whose faults follow from `seed`. Each that went wrong is told.
///
/// # Errors
/// When the example cannot be built or does not come to its end.
pub(super) async fn measure(
    settings: &Settings,
    layout: &Layout,
    progress: &Progress,
    runs: usize,
    seed: u64,
) -> Result<Vec<Measured>> {
    let cargo = settings.find("cargo").unwrap_or_else(|| "cargo".into());
    let counting = Run::new("directives with faults", cargo)
        .args(["run", "--quiet", "--package", "bridge", "--example", "faults"])
        .args([runs.to_string(), seed.to_string()])
        .folder(&layout.repository);
    let output = counting.output().await?;
    output.stderr.lines().for_each(|line| progress.say(line));
    let counted: Counted = serde_json::from_str(&output.stdout).map_err(|error| {
        Error::Answer(format!("the bridge's example `faults` printed no counts: {error}"))
    })?;
    let note = format!(
        "directives of both kinds over new and kept connections, each cut, reset, changed, delayed or stalled at some \
         byte; seed {seed}"
    );
    let measured = |figure: Figure, count: u32| figure.measured(count.into(), counted.runs, &note);
    Ok(vec![
        measured(INVALID_REPLIES, counted.invalid),
        measured(LATE_REPLIES, counted.late),
        measured(REPEATED_UNSAFE, counted.repeated_unsafe),
    ])
}
