//! Keeping an execution environment warm: a schedule has the tunnel up before a directive needs it.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use function::log::{milliseconds, write_line};
use serde::Serialize;
use tailnet::Phases;
use tokio::time::timeout_at;

use crate::failure::Failure;
use crate::kept_tunnel::KeptTunnel;
use crate::log::totals;
use crate::tunnel::Tunnel;

/// What the schedule is answered: `{"porch":"warm","tunnel":"up"}`, or `"down"` with the reason. Nobody reads it but
/// a person who sends the event by hand.
#[derive(Debug, Serialize)]
pub struct Warmth {
    porch: &'static str,
    tunnel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The line about it. It is never a warning and has no metrics: a house that cannot be reached is told of when a
/// directive wants to go there.
#[derive(Debug, Serialize)]
pub struct WarmLog {
    level: &'static str,
    message: &'static str,
    tunnel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Whether it was the first event of this execution environment.
    cold: bool,
    elapsed_ms: f64,
    /// As [`crate::DirectiveLog`] has them.
    phases_ms: BTreeMap<&'static str, f64>,
}

/// The tunnel brought up, or why not: an answer and its line.
#[derive(Debug)]
pub struct Warmed {
    /// What goes back.
    pub warmth: Warmth,
    /// What happened.
    pub log: WarmLog,
}

impl Warmed {
    /// Brings the tunnel up, a connection to Home Assistant included, which is closed at once: the next one is then
    /// made over a path that WireGuard knows.
    pub(crate) async fn by(tunnel: &KeptTunnel, phases: &Phases, cold: bool, deadline: Instant) -> Self {
        let begun = Instant::now();
        let warmed = tunnel.over(true, async |tunnel: &Tunnel| tunnel.warm(deadline).await);
        let warmed = timeout_at(deadline.into(), warmed).await;
        let failure = warmed.unwrap_or(Err(Failure::Late("a connection to home assistant"))).err();
        Self::new(failure.as_ref(), cold, begun.elapsed(), phases.take())
    }

    fn new(
        failure: Option<&Failure>,
        cold: bool,
        elapsed: Duration,
        phases: Vec<(&'static str, Duration)>,
    ) -> Self {
        let (tunnel, reason) = (if failure.is_none() { "up" } else { "down" }, failure.map(Failure::told));
        let log = WarmLog {
            level: "INFO",
            message: "kept warm",
            tunnel,
            reason: reason.clone(),
            cold,
            elapsed_ms: milliseconds(elapsed),
            phases_ms: totals(phases),
        };
        Self { warmth: Warmth { porch: "warm", tunnel, reason }, log }
    }
}

impl WarmLog {
    /// Writes the line to `log`. A log that cannot be written keeps no event from its answer.
    pub fn write(&self, log: &mut impl Write) {
        write_line(self, log);
    }
}
