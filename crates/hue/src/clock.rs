//! Time, as far as somebody chooses to let it pass: pauses, and the length of a flash.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Instant;

/// A pause that ends by itself.
pub type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A monotonic clock. Limits of single requests do not go by it, but by the runtime's.
pub trait Clock: Debug + Send + Sync {
    /// What time it is.
    fn now(&self) -> Instant;
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

    fn pause_until(&self, at: Instant) -> Pause {
        Box::pin(tokio::time::sleep_until(at.into()))
    }
}
