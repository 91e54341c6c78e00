//! Presses in a house that has everything: how soon it does its part, and what that costs in memory.

mod bystander;
mod hook;
mod integrations;
mod page;

use std::time::Duration;

use tokio::time::{Instant, sleep};

use self::bystander::Bystander;
use self::hook::Hook;
use self::page::Page;
use super::door::Door;
use super::figures::{DEVICE_RESIDENT_FULL, Measured, PRESS_LOCAL_P95, PRESS_PICTURE_P95};
use super::{Rig, stats};
use crate::error::{Error, Result};
use crate::household::Household;
use crate::parts::doorbell::{Daemon, MEASURED_PORT};

/// Presses during which memory is looked at, after those that are timed, which that would disturb.
const WATCHED: usize = 3;
/// How often it is looked at then, and for how long after the press: the child that decodes has ended by then.
const GLANCE: Duration = Duration::from_millis(5);
const AFTERWARDS: Duration = Duration::from_millis(1500);

/// Presses the button of `daemon`, which is given every kind of integration, with those of `household`, `presses` times,
/// then looks at its memory.
///
/// # Errors
/// When a press is not announced, or an integration does not do its part.
pub(super) async fn measure(
    rig: &Rig<'_>,
    household: &Household,
    daemon: &Daemon,
    presses: usize,
) -> Result<Vec<Measured>> {
    let mut bystander = Bystander::new(&rig.sandbox.layout)?;
    let hook = Hook::listen().await?;
    let (integrations, secrets) = integrations::tables(household, bystander.pipe(), hook.url())?;
    let daemon = Daemon { page: Some(MEASURED_PORT), integrations, secrets, ..daemon.clone() };
    let door = Door::open(rig, &daemon).await?;
    let mut page = Page::new()?;
    // The first press waits for the camera's first keyframe, and does not count.
    let (mut local, mut pictures) = (Vec::new(), Vec::new());
    for press in 0..=presses {
        let (pressed, told, shown) = tokio::try_join!(door.press(), bystander.told(), page.next_picture())?;
        if press > 0 {
            local.push(milliseconds(pressed.edge, told)?);
            pictures.push(milliseconds(pressed.edge, shown)?);
        }
    }
    let resident = door.resident_mb()?;
    let greatest = greatest_mb(&door).await?;
    page.all_have_done_their_part(integrations::NAMES).await?;

    let nobody = || Error::Answer("nobody pressed the button".into());
    let (local_p95, picture_p95) =
        (stats::p95(&local).ok_or_else(nobody)?, stats::p95(&pictures).ok_or_else(nobody)?);
    let started =
        "from that edge until a `[[command]]` has said its first word, all other integrations being told too";
    let stored = "from that edge until the page hands out the JPEG, 1280x720; median";
    let stored = format!("{stored} {:.0} ms", stats::median(&pictures).unwrap_or_default());
    let memory = format!(
        "the resident set after these presses; with the child that decodes a picture, at most {greatest:.1} while it does; \
         in 10^6 bytes"
    );
    Ok(vec![
        PRESS_LOCAL_P95.measured(local_p95, local.len(), started),
        PRESS_PICTURE_P95.measured(picture_p95, pictures.len(), stored),
        DEVICE_RESIDENT_FULL.measured(resident, 1, memory),
    ])
}

/// The most memory that the daemon and its children have together during some presses, in 10^6 bytes.
async fn greatest_mb(door: &Door) -> Result<f64> {
    let mut glances = Vec::new();
    for _ in 0..WATCHED {
        let glance = async {
            let until = Instant::now() + AFTERWARDS;
            while Instant::now() < until {
                glances.push(door.resident_with_children_mb()?);
                sleep(GLANCE).await;
            }
            Ok(())
        };
        tokio::try_join!(door.press(), glance)?;
    }
    stats::greatest(&glances).ok_or_else(|| Error::Answer("nobody looked at the daemon's memory".into()))
}

/// From `edge` to `later`, both of the monotonic clock and in nanoseconds.
fn milliseconds(edge: u128, later: u128) -> Result<f64> {
    let elapsed = later.checked_sub(edge);
    let elapsed =
        elapsed.ok_or_else(|| Error::Answer("somebody was told of a press before it was one".into()))?;
    Ok(elapsed as f64 / 1e6)
}
