//! Leaving alone what keeps failing.

use std::time::Duration;

use crate::clock::Monotonic;

/// So many failures in a row are no accident.
const PATIENCE: u32 = 5;

/// How long it is left alone at first, and at most.
const PAUSE: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Closed while things work, open for a while after they have failed [`PATIENCE`] times in a row. Then one is tried: if
/// that fails too, it opens for twice as long.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    open_until: Option<Monotonic>,
}

impl Breaker {
    /// Until when nothing is tried, if nothing is.
    pub(super) fn open_until(&self, now: Monotonic) -> Option<Monotonic> {
        self.open_until.filter(|until| now < *until)
    }

    /// How often it has failed since it worked.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) fn on_success(&mut self) {
        *self = Self::default();
    }

    pub(super) fn on_failure(&mut self, now: Monotonic) {
        self.failures = self.failures.saturating_add(1);
        if let Some(beyond) = self.failures.checked_sub(PATIENCE) {
            let pause = PAUSE.saturating_mul(2_u32.saturating_pow(beyond.min(10))).min(LONGEST);
            self.open_until = Some(now + pause);
        }
    }
}
