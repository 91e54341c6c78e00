//! A session with a camera that is played, and the decoding child as it is started by the daemon.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as a test does")]

mod child;
mod session;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use camera::Decoder;
use camera::fake::Film;
use tokio::time::Instant;

/// Twenty-four frames, of which every eighth is a keyframe.
static FILM: LazyLock<Arc<Film>> = LazyLock::new(|| Arc::new(Film::shoot(320, 180, 24, 8).expect("a film")));

fn decoder() -> Decoder {
    Decoder { program: env!("CARGO_BIN_EXE_camera-decoder").into(), argument: "decode".into() }
}

/// Far more than anything here takes: a busy machine is no failure.
fn in_time() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
