//! Two clocks, because Lambda stops the function between directives.

use std::time::{Duration, Instant, SystemTime};

/// A moment by both clocks: one that may stand still while the function is frozen, one that may be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Monotonic.
    pub(crate) monotonic: Instant,
    /// What others' clocks say too.
    pub(crate) wall: SystemTime,
}

impl Moment {
    /// This moment.
    pub(crate) fn now() -> Self {
        Self { monotonic: Instant::now(), wall: SystemTime::now() }
    }

    /// How long ago `earlier` was, by the clock that says longer; `None` if the wall clock was set back in between.
    pub(crate) fn since(self, earlier: Self) -> Option<Duration> {
        let wall = self.wall.duration_since(earlier.wall).ok()?;
        Some(wall.max(self.monotonic.saturating_duration_since(earlier.monotonic)))
    }
}
