//! What a bell's line means: a press, or a button that is stuck.

use std::time::Duration;

use super::{Debounce, Edge, Level, Settled};
use crate::clock::Monotonic;

/// How long things take at one bell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// How long a level stays before it counts.
    pub stable: Duration,
    /// How long after a press the next one is still taken for the same visitor's impatience.
    pub lockout: Duration,
    /// How long a button may be held before it is taken for stuck.
    pub stuck: Duration,
}

/// What the line said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The button was pressed.
    Pressed {
        /// The edge after which it stayed pressed: the moment of the press.
        edge: Monotonic,
        /// When that was sure.
        stable: Monotonic,
    },
    /// It was pressed within the lockout.
    LockedOut,
    /// It has been held for so long that nobody holds it.
    Stuck,
    /// It was stuck, and is released.
    Freed,
}

/// Watches one line.
///
/// A button that is held at the start makes no press: nobody knows when that began, and after a power cut a stuck one
/// would ring.
#[derive(Clone, Debug)]
pub struct PressWatch {
    timings: Timings,
    debounce: Debounce,
    latest_press: Option<Monotonic>,
    held: Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    No,
    Since(Monotonic),
    Stuck,
}

impl PressWatch {
    /// For a line that is at `level` now; `latest_press` is what is known from before.
    pub fn new(timings: Timings, level: Level, latest_press: Option<Monotonic>, now: Monotonic) -> Self {
        let held = match level {
            Level::Pressed => Held::Since(now),
            Level::Released => Held::No,
        };
        Self { timings, debounce: Debounce::new(level, timings.stable), latest_press, held }
    }

    /// Takes the next edge of the line, and says what is known by it.
    pub fn on_edge(&mut self, edge: Edge) -> Option<Happening> {
        let settled = self.debounce.on_edge(edge)?;
        self.on_settled(settled)
    }

    /// To be called when [`PressWatch::deadline`] has come, until that is later than `now`.
    pub fn on_deadline(&mut self, now: Monotonic) -> Option<Happening> {
        if let Some(settled) = self.debounce.on_deadline(now) {
            return self.on_settled(settled);
        }
        let is_stuck = self.stuck_at().is_some_and(|stuck| now >= stuck);
        is_stuck.then(|| {
            self.held = Held::Stuck;
            Happening::Stuck
        })
    }

    /// When there may be something to say without another edge.
    pub fn deadline(&self) -> Option<Monotonic> {
        self.debounce.deadline().or_else(|| self.stuck_at())
    }

    /// The latest press, for whoever watches the line after this.
    pub fn latest_press(&self) -> Option<Monotonic> {
        self.latest_press
    }

    fn on_settled(&mut self, Settled { level, edge, at }: Settled) -> Option<Happening> {
        let held = std::mem::replace(
            &mut self.held,
            match level {
                Level::Pressed => Held::Since(edge),
                Level::Released => Held::No,
            },
        );
        match level {
            Level::Released => (held == Held::Stuck).then_some(Happening::Freed),
            Level::Pressed if self.is_locked_out(edge) => Some(Happening::LockedOut),
            Level::Pressed => {
                self.latest_press = Some(edge);
                Some(Happening::Pressed { edge, stable: at })
            }
        }
    }

    /// When the button is to be taken for stuck; not while it may have been released just now.
    fn stuck_at(&self) -> Option<Monotonic> {
        match self.held {
            Held::Since(since) if self.debounce.deadline().is_none() => Some(since + self.timings.stuck),
            Held::Since(_) | Held::No | Held::Stuck => None,
        }
    }

    fn is_locked_out(&self, edge: Monotonic) -> bool {
        self.latest_press.is_some_and(|latest| edge < latest + self.timings.lockout)
    }
}
