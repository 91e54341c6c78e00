//! How long each step of the way took.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A shared list of steps and how long each took, filled by whoever takes the step and emptied by whoever reports it.
#[derive(Clone, Debug, Default)]
pub struct Phases(Arc<Mutex<Vec<(&'static str, Duration)>>>);

impl Phases {
    /// Notes that `phase` took `elapsed`.
    pub fn record(&self, phase: &'static str, elapsed: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((phase, elapsed));
    }

    /// Awaits `step` and notes how long it took, whatever it returned.
    pub async fn time<T>(&self, phase: &'static str, step: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let outcome = step.await;
        self.record(phase, begun.elapsed());
        outcome
    }

    /// Awaits `step` and, if it succeeds, notes how long it took beyond the phases noted meanwhile, which are parts
    /// of it.
    ///
    /// # Errors
    /// Those of `step`.
    pub async fn time_rest<T, E>(
        &self,
        phase: &'static str,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let (begun, noted) = (Instant::now(), self.total());
        let outcome = step.await?;
        self.record(phase, begun.elapsed().saturating_sub(self.total().saturating_sub(noted)));
        Ok(outcome)
    }

    fn total(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(_, elapsed)| *elapsed).sum()
    }

    /// Takes what was noted since the last call, in the order in which the steps ended.
    pub fn take(&self) -> Vec<(&'static str, Duration)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
