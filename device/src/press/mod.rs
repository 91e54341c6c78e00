//! From edges of a line to presses of a bell.
//!
//! ```text
//! edge -> debounce (the level is stable) -> lockout -> press
//!                  \-> pressed for too long -> stuck
//! ```

mod debounce;
mod watch;

use std::fmt;

pub use debounce::{Debounce, Settled};
pub use watch::{Happening, PressWatch, Timings};

use crate::clock::Monotonic;

/// What a button does to its line, whichever voltage that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Somebody holds it.
    Pressed,
    /// Nobody does.
    Released,
}

/// `pressed` or `released`, to be put after "the button is".
impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Pressed => "pressed",
            Self::Released => "released",
        })
    }
}

/// A change of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The level from here on.
    pub level: Level,
    /// When it was, by the kernel's own stamp where there is one, and not when it was handled.
    pub at: Monotonic,
}
