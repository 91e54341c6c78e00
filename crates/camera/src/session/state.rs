//! How a session is.

use std::fmt;
use std::time::Duration;

use crate::error::Why;

/// How the connection to a camera is.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// A connection is being made, or a keyframe waited for.
    Connecting,
    /// Frames come.
    Ready {
        /// Since when, by the session's clock.
        since: Duration,
        /// How many pixels a frame has in a row, if the camera has said.
        width: Option<u32>,
        /// How many rows.
        height: Option<u32>,
        /// How many frames come in a second, if the camera has said.
        fps: Option<f32>,
    },
    /// There is no connection; another one is made after a pause.
    Down {
        /// Why not.
        why: Why,
    },
}

/// As the end of a sentence that begins with the camera.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("is being connected to"),
            Self::Ready { .. } => f.write_str("sends its stream"),
            Self::Down { why } => why.fmt(f),
        }
    }
}
