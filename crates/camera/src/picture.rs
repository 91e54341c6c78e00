//! What is asked of a session, and what it gives.

use std::time::Duration;

/// Which pictures are wanted, and how they are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How many from before the moment, at most [`Wanted::MOST`].
    pub before: u8,
    /// How many from after the moment, at most [`Wanted::MOST`].
    pub after: u8,
    /// How far apart these are.
    pub spacing: Duration,
    /// How wide a picture is at most, in pixels; a wider one is shrunk.
    pub widest: u16,
    /// The quality of a JPEG, from 1 to 100.
    pub quality: u8,
    /// How long everything may take, counted from the call or from the last moment that is wanted, whichever is later.
    pub within: Duration,
}

impl Wanted {
    /// The most pictures before a moment, and after it.
    pub const MOST: u8 = 10;
}

impl Default for Wanted {
    /// One picture, at most 1280 pixels wide, within 8 s.
    fn default() -> Self {
        let within = Duration::from_secs(8);
        Self { before: 0, after: 0, spacing: Duration::from_secs(1), widest: 1280, quality: 80, within }
    }
}

/// Pictures around a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// From before the moment, the oldest first: fewer than wanted where the stream did not yet have so many.
    pub before: Vec<Picture>,
    /// Of the moment.
    pub at: Picture,
    /// From after the moment: fewer than wanted where the stream did not have them.
    pub after: Vec<Picture>,
}

/// One picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// When its frame was there, by the session's clock.
    pub arrived: Duration,
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
    /// The file's content.
    pub jpeg: Vec<u8>,
}

/// Without what is to be seen.
impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { arrived, width, height, jpeg } = self;
        write!(f, "Picture({width}x{height}, {} bytes, arrived at {arrived:?})", jpeg.len())
    }
}
