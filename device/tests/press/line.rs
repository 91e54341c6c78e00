//! A line that is played: edges in order of time, and the deadlines that fall between them.

use std::time::Duration;

use device::clock::Monotonic;
use device::press::{Edge, Happening, Level, PressWatch, Timings};

pub(crate) const TIMINGS: Timings = Timings {
    stable: Duration::from_millis(25),
    lockout: Duration::from_secs(3),
    stuck: Duration::from_secs(60),
};

pub(crate) fn at(milliseconds: u64) -> Monotonic {
    Monotonic::from_nanos(milliseconds * 1_000_000)
}

/// What a watch says of `edges`, each handled when it happens, and of the time until `end`.
pub(crate) fn play(mut watch: PressWatch, edges: &[Edge], end: Monotonic) -> Vec<Happening> {
    let mut said = Vec::new();
    for edge in edges {
        said.extend(elapse(&mut watch, edge.at));
        said.extend(watch.on_edge(*edge));
    }
    said.extend(elapse(&mut watch, end));
    said
}

/// Calls the watch at each of its deadlines before `until`.
fn elapse(watch: &mut PressWatch, until: Monotonic) -> Vec<Happening> {
    let mut said = Vec::new();
    while let Some(deadline) = watch.deadline().filter(|deadline| *deadline < until) {
        said.extend(watch.on_deadline(deadline));
    }
    said
}

/// A watch of a line that nobody touches, made at the start of time.
pub(crate) fn idle() -> PressWatch {
    PressWatch::new(TIMINGS, Level::Released, None, at(0))
}
