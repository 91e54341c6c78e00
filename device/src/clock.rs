//! The two clocks, and which is used for what.

use std::time::{Duration, SystemTime};

/// 2026-11-01: nobody runs this program before it was written. A Raspberry Pi has no clock that runs without power, and
/// begins in 1970, or where it ended, until it has asked a time server.
const WRITTEN: Duration = Duration::from_secs(1_793_491_200);

/// What the kernel's `CLOCK_MONOTONIC` reads: the time since the machine started.
///
/// The kernel stamps the edges of a line with it (linux/gpio.h, `gpio_v2_line_event`), it is the same for every
/// process, and nobody sets it. So it orders edges, measures how old a press is, and still means something to the next
/// process if this one is killed. [`std::time::Instant`] is the same clock but cannot be made from a kernel's stamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Monotonic(Duration);

impl Monotonic {
    /// This moment.
    pub fn now() -> Self {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        Self(Duration::try_from(now).unwrap_or_default())
    }

    /// The moment at which the clock reads `nanoseconds`.
    pub const fn from_nanos(nanoseconds: u64) -> Self {
        Self(Duration::from_nanos(nanoseconds))
    }

    /// What the clock reads, in nanoseconds; it takes five centuries to outgrow them.
    pub fn as_nanos(self) -> u64 {
        u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX)
    }

    /// How much later this is than `earlier`; nothing if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl std::ops::Add<Duration> for Monotonic {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

/// A moment by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For deadlines and ages.
    pub monotonic: Monotonic,
    wall: SystemTime,
}

impl Moment {
    /// A moment at which the clocks read this.
    pub fn new(monotonic: Monotonic, wall: SystemTime) -> Self {
        Self { monotonic, wall }
    }

    /// This moment.
    pub fn now() -> Self {
        Self::new(Monotonic::now(), SystemTime::now())
    }

    /// What others' clocks say, for what others read; `None` while this machine's clock cannot be right yet.
    pub fn wall(self) -> Option<SystemTime> {
        (self.wall >= SystemTime::UNIX_EPOCH + WRITTEN).then_some(self.wall)
    }

    /// What others' clocks said at `earlier`.
    pub fn wall_at(self, earlier: Monotonic) -> Option<SystemTime> {
        self.wall().and_then(|wall| wall.checked_sub(self.monotonic.since(earlier)))
    }
}
