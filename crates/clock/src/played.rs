//! Time that passes as a test lets it.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;
use tokio::time::timeout;

use crate::{Clock, Pause};

/// A clock on which every pause is over at once, up to the time until which it is let go.
#[derive(Clone, Debug)]
pub struct PlayedClock(Arc<watch::Sender<State>>);

#[derive(Debug)]
struct State {
    start: Instant,
    now: Instant,
    /// Pauses that end later than this wait.
    until: Instant,
    waiting: usize,
}

impl Default for PlayedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl PlayedClock {
    /// A clock that is let go for ever.
    #[must_use]
    pub fn new() -> Self {
        let now = Instant::now();
        let state = State { start: now, now, until: now + Duration::from_secs(1_000_000), waiting: 0 };
        Self(Arc::new(watch::Sender::new(state)))
    }

    /// How long it has been running.
    #[must_use]
    pub fn passed(&self) -> Duration {
        let state = self.0.borrow();
        state.now - state.start
    }

    /// Lets so much time pass at once.
    pub fn pass(&self, time: Duration) {
        self.0.send_modify(|state| state.now += time);
    }

    /// Lets it go until so long after its start, and no further.
    pub fn let_go_until(&self, passed: Duration) {
        self.0.send_modify(|state| state.until = state.start + passed);
    }

    /// Waits until so many pauses wait.
    ///
    /// # Panics
    /// When they do not within half a minute.
    pub async fn until_waiting(&self, pauses: usize) {
        let mut watched = self.0.subscribe();
        let waiting = watched.wait_for(|state| state.waiting == pauses);
        let state = timeout(Duration::from_secs(30), waiting).await.expect("pauses that wait");
        drop(state.expect("the clock is here"));
    }
}

/// A pause that waits, until it ends or is dropped.
struct Waiting(Arc<watch::Sender<State>>);

impl Waiting {
    fn new(clock: &Arc<watch::Sender<State>>) -> Self {
        clock.send_modify(|state| state.waiting += 1);
        Self(Arc::clone(clock))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.send_modify(|state| state.waiting -= 1);
    }
}

impl Clock for PlayedClock {
    fn now(&self) -> Instant {
        self.0.borrow().now
    }

    /// It begins in January 2027.
    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + self.passed()
    }

    fn pause_until(&self, at: Instant) -> Pause {
        let clock = Arc::clone(&self.0);
        Box::pin(async move {
            if clock.borrow().until < at {
                let waiting = Waiting::new(&clock);
                let mut watched = clock.subscribe();
                // The clock is here, so that there is no error.
                drop(watched.wait_for(|state| state.until >= at).await);
                drop(waiting);
            }
            clock.send_modify(|state| state.now = state.now.max(at));
        })
    }
}
