//! Presses of a bell that rings through Alexa alone, and of many that were played with everything failing.

use super::door::Door;
use super::figures::{DEVICE_RESIDENT_IDLE, Measured, PRESS_ACCEPTED_P95, PRESS_DOUBLED, PRESS_LOST};
use super::{Rig, stats};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::parts::doorbell::Daemon;
use crate::run::Run;
use crate::settings::Settings;

/// Presses the button of `daemon` `presses` times, then looks at its memory.
///
/// # Errors
/// When a press is not announced.
pub(super) async fn measure(rig: &Rig<'_>, daemon: &Daemon, presses: usize) -> Result<Vec<Measured>> {
    let door = Door::open(rig, daemon).await?;
    let mut accepted = Vec::new();
    for _ in 0..presses {
        accepted.push(door.press().await?.accepted_ms);
    }
    let p95 = stats::p95(&accepted).ok_or_else(|| Error::Answer("nobody pressed the button".into()))?;
    let note = "from the edge after which the contact stayed closed, the 25 ms of the debouncing included";
    let memory = "the resident set after these presses; in 10^6 bytes";
    Ok(vec![
        PRESS_ACCEPTED_P95.measured(p95, accepted.len(), note),
        DEVICE_RESIDENT_IDLE.measured(door.resident_mb()?, 1, memory),
    ])
}

/// Plays runs of the daemon's core in a world where everything fails, by its own test: it ends with the first run in
/// which a press is lost or doubled.
///
/// # Errors
/// When there is such a run.
pub(super) async fn faults(settings: &Settings, layout: &Layout) -> Result<Vec<Measured>> {
    let cargo = settings.find("cargo").unwrap_or_else(|| "cargo".into());
    let play = Run::new("presses with faults", cargo)
        .args(["test", "--quiet", "--package", "device", "--test", "faults", "--", "--nocapture"])
        .folder(&layout.repository);
    let played = play.output().await?.stdout;
    let runs = played.lines().find_map(|line| line.split_once(" runs: ")?.0.trim().parse().ok());
    let runs =
        runs.ok_or_else(|| Error::Answer("the test `faults` of device tells no number of runs".into()))?;
    let note = "runs of the daemon's core, each with faults by its seed: nothing sent, answers lost, 429 and 5xx, tokens \
                ended, the table throttled, clocks set, SIGKILL";
    Ok([PRESS_LOST, PRESS_DOUBLED].map(|figure| figure.measured(0.0, runs, note)).into())
}
