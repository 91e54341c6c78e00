//! Contacts bounce: a level counts once it has stayed for a while.

use std::time::Duration;

use super::{Edge, Level};
use crate::clock::Monotonic;

/// Says which of a line's edges were followed by a stable level.
#[derive(Clone, Debug)]
pub struct Debounce {
    stable: Duration,
    settled: Level,
    /// The latest edge, while it is not known whether its level stays.
    pending: Option<Edge>,
}

/// A level that stayed, and is another one than that before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The level.
    pub level: Level,
    /// The edge after which it stayed.
    pub edge: Monotonic,
    /// When it had stayed long enough.
    pub at: Monotonic,
}

impl Debounce {
    /// For a line that is at `level` now. A level counts when it has stayed for `stable`.
    pub fn new(level: Level, stable: Duration) -> Self {
        Self { stable, settled: level, pending: None }
    }

    /// Takes the next edge of the line.
    ///
    /// It may tell of the level before it: edges that waited to be handled say by their stamps that a level had stayed.
    pub fn on_edge(&mut self, edge: Edge) -> Option<Settled> {
        let settled = self.on_deadline(edge.at);
        self.pending = Some(edge);
        settled
    }

    /// To be called when [`Debounce::deadline`] has come, after all edges before it.
    pub fn on_deadline(&mut self, now: Monotonic) -> Option<Settled> {
        let edge = self.pending.filter(|edge| now >= edge.at + self.stable)?;
        self.pending = None;
        let is_another = edge.level != self.settled;
        self.settled = edge.level;
        is_another.then(|| Settled { level: edge.level, edge: edge.at, at: edge.at + self.stable })
    }

    /// When the present level has stayed for long enough, unless an edge comes before.
    pub fn deadline(&self) -> Option<Monotonic> {
        self.pending.map(|edge| edge.at + self.stable)
    }
}
