//! Time that passes only in pauses.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};

use crate::clock::{Clock, Pause};

/// A clock on which every pause is over at once.
#[derive(Clone, Debug)]
pub struct PlayedClock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    start: Instant,
    /// How long it has been running.
    passed: Mutex<Duration>,
}

impl Default for PlayedClock {
    fn default() -> Self {
        Self(Arc::new(Shared { start: Instant::now(), passed: Mutex::default() }))
    }
}

impl PlayedClock {
    /// How long it has been running.
    #[must_use]
    pub fn passed(&self) -> Duration {
        *self.lock()
    }

    /// Lets so much time pass.
    pub fn pass(&self, time: Duration) {
        *self.lock() += time;
    }

    fn lock(&self) -> MutexGuard<'_, Duration> {
        self.0.passed.lock().expect("no panic in a test")
    }
}

impl Clock for PlayedClock {
    fn now(&self) -> Instant {
        self.0.start + self.passed()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + self.passed()
    }

    fn pause_until(&self, at: Instant) -> Pause {
        let time = at.saturating_duration_since(self.now());
        self.pass(time);
        Box::pin(std::future::ready(()))
    }
}
