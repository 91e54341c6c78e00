//! Time, as far as somebody chooses to let it pass: for what waits between calls of somebody else's service.

#[cfg(feature = "fake")]
mod played;

use std::fmt::Debug;
use std::pin::Pin;
use std::time::{Instant, SystemTime};

#[cfg(feature = "fake")]
pub use played::PlayedClock;

/// A pause that ends by itself.
pub type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What pauses and deadlines go by. Limits of single requests do not, but by the runtime's.
pub trait Clock: Debug + Send + Sync {
    /// What time it is, by a clock that only goes forward.
    fn now(&self) -> Instant;
    /// What time it is on the wall, by which tokens end: a machine that was suspended has an old one.
    fn wall(&self) -> SystemTime;
    /// Waits until it is `at`.
    fn pause_until(&self, at: Instant) -> Pause;
}

/// The machine's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn pause_until(&self, at: Instant) -> Pause {
        Box::pin(tokio::time::sleep_until(at.into()))
    }
}
