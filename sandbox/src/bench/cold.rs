//! From nothing to the first reply: the function, and the usual design in turns with it.

use super::caller::Caller;
use super::figures::{Figure, Measured};
use super::stats::{median, p95};
use super::usual::Usual;
use crate::error::Result;

/// The three figures of one distance.
pub(super) struct Figures {
    pub(super) p50: Figure,
    pub(super) p95: Figure,
    pub(super) ratio: Figure,
}

/// Starts each of the two `runs` times, in turns. `tailnet` says where control server and relay are.
///
/// # Errors
/// When the runner or the usual design cannot be started. A start that ends without a proper reply counts with the
/// time that it took, and the note tells how many there were.
pub(super) async fn measure(
    figures: &Figures,
    caller: &Caller<'_>,
    usual: &Usual,
    runs: usize,
    tailnet: &str,
) -> Result<Vec<Measured>> {
    let (mut bridge, mut other) = (Side::default(), Side::default());
    let mut runner_ms = Vec::new();
    for _ in 0..runs {
        caller.retire().await?;
        let asked = caller.ask().await?;
        runner_ms.extend(asked.timing.of("start"));
        bridge.count(asked.took(&["start", "invoke"]), asked.failure.is_some());
        let started = usual.start().await?;
        other.count(started.elapsed_ms, started.failure.is_some());
    }
    caller.retire().await?;
    let (middle, usual_middle) = (bridge.median(), other.median());
    let start_ms = median(&runner_ms).unwrap_or_default();
    let failed = bridge.failed();
    let note = format!("Discovery; {tailnet}; the runner's start ({start_ms:.0} ms) + invoke{failed}");
    let ratio_note = format!(
        "medians, in turns; the usual design takes {usual_middle:.0} ms, as a plain process started anew for each \
         run{}",
        other.failed()
    );
    Ok(vec![
        figures.p50.measured(middle, runs, &note),
        figures.p95.measured(p95(&bridge.elapsed_ms).unwrap_or(f64::INFINITY), runs, note),
        figures.ratio.measured(middle / usual_middle, runs, ratio_note),
    ])
}

#[derive(Default)]
struct Side {
    elapsed_ms: Vec<f64>,
    failures: usize,
}

impl Side {
    fn count(&mut self, elapsed_ms: f64, failed: bool) {
        self.elapsed_ms.push(elapsed_ms);
        self.failures += usize::from(failed);
    }

    fn median(&self) -> f64 {
        median(&self.elapsed_ms).unwrap_or(f64::INFINITY)
    }

    fn failed(&self) -> String {
        if self.failures == 0 { String::new() } else { format!("; {} without a proper reply", self.failures) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_without_a_reply_counts_with_its_time_and_is_told() {
        let mut side = Side::default();
        assert_eq!((side.median(), side.failed().as_str()), (f64::INFINITY, ""));
        for (elapsed_ms, failed) in [(200.0, false), (7000.0, true), (210.0, false)] {
            side.count(elapsed_ms, failed);
        }
        assert_eq!((side.median(), side.failed().as_str()), (210.0, "; 1 without a proper reply"));
    }
}
