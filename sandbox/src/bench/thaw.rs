//! The first directive after a freeze.

use std::time::Duration;

use super::caller::Caller;
use super::figures::{Measured, THAW_FAILURES, THAW_P95};
use super::stats::{greatest, p95};
use crate::error::Result;

/// How often to freeze for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cycles {
    count: usize,
    frozen: Duration,
}

/// The freezes of one run: short ones; ones of more than 30 s, after which kept connections are not used; ones of more
/// than two minutes, by which a control server may have forgotten the node. `short` replaces the number of short ones.
pub(super) fn plan(quick: bool, short: Option<usize>) -> Vec<Cycles> {
    let cycles = |count, seconds| Cycles { count, frozen: Duration::from_secs(seconds) };
    if quick {
        return vec![cycles(short.unwrap_or(10), 1)];
    }
    vec![cycles(short.unwrap_or(20), 2), cycles(6, 35), cycles(2, 125)]
}

/// How long the cycles take.
pub(super) fn estimate(plan: &[Cycles]) -> Duration {
    plan.iter()
        .map(|cycles| cycles.frozen.saturating_mul(u32::try_from(cycles.count).unwrap_or(u32::MAX)))
        .sum()
}

/// Goes through the cycles.
///
/// # Errors
/// When the runner cannot be reached, or the directive before the first freeze fails.
pub(super) async fn measure(caller: &Caller<'_>, plan: &[Cycles]) -> Result<Vec<Measured>> {
    caller.ask().await?.replied()?;
    let (mut elapsed_ms, mut failures) = (Vec::new(), 0_u32);
    for Cycles { count, frozen } in plan {
        for _ in 0..*count {
            tokio::time::sleep(*frozen).await;
            let asked = caller.ask().await?;
            // An environment that did not live through the freeze is a failure as well, though a new one replied.
            failures += u32::from(asked.failure.is_some() || asked.timing.of("thaw").is_none());
            elapsed_ms.push(asked.took(&["thaw", "start", "invoke"]));
        }
    }
    let said: Vec<_> =
        plan.iter().map(|cycles| format!("{} of {} s", cycles.count, cycles.frozen.as_secs())).collect();
    let note = format!("ReportState after freezes: {}", said.join(", "));
    let worst = format!("{note}; the slowest {:.0} ms", greatest(&elapsed_ms).unwrap_or_default());
    let n = elapsed_ms.len();
    Ok(vec![
        THAW_P95.measured(p95(&elapsed_ms).unwrap_or(f64::INFINITY), n, worst),
        THAW_FAILURES.measured(f64::from(failures), n, note),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_short_freezes_can_be_chosen() {
        let said = |quick, short| {
            let plan = plan(quick, short);
            plan.iter().map(|cycles| (cycles.count, cycles.frozen.as_secs())).collect::<Vec<_>>()
        };
        assert_eq!(said(false, None), [(20, 2), (6, 35), (2, 125)]);
        assert_eq!(said(false, Some(1000)), [(1000, 2), (6, 35), (2, 125)]);
        assert_eq!(said(true, None), [(10, 1)]);
        assert_eq!(said(true, Some(3)), [(3, 1)]);
    }
}
