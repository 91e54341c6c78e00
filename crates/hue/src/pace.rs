//! How fast a bridge may be told things: it forwards them by radio, and drops what comes faster.
//!
//! Signify's rule, as everybody quotes it ("Core concepts", limitations): about ten commands a second to lights, one a
//! second to groups, and a scene is one for a group.

use std::time::{Duration, Instant};

/// Whom a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crowd {
    /// One light.
    One,
    /// A group, or a scene.
    Many,
}

impl Crowd {
    const fn gap(self) -> Duration {
        match self {
            Self::One => Duration::from_millis(100),
            Self::Many => Duration::from_secs(1),
        }
    }
}

/// When the next command may go.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    one: Option<Instant>,
    many: Option<Instant>,
}

impl Pace {
    /// When a command may be sent, not before `now`; the place is taken.
    pub(crate) fn take(&mut self, crowd: Crowd, now: Instant) -> Instant {
        let next = match crowd {
            Crowd::One => &mut self.one,
            Crowd::Many => &mut self.many,
        };
        let slot = next.map_or(now, |next| next.max(now));
        *next = Some(slot + crowd.gap());
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lights_get_ten_commands_a_second_and_groups_one_each_for_itself() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let ms = |ms| start + Duration::from_millis(ms);
        for (crowd, now, wanted) in [
            (Crowd::One, 0, 0),
            (Crowd::One, 0, 100),
            (Crowd::Many, 0, 0),
            (Crowd::One, 10, 200),
            (Crowd::Many, 10, 1000),
            (Crowd::One, 5000, 5000),
            (Crowd::Many, 1500, 2000),
            (Crowd::One, 5099, 5100),
        ] {
            assert_eq!(pace.take(crowd, ms(now)), ms(wanted), "{crowd:?} at {now}");
        }
    }
}
