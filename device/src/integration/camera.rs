//! `[[camera]]`: pictures of the visitor, from a camera whose stream is kept ready.

use std::sync::Arc;
use std::time::Duration;

use camera::decode::ChildError;
use camera::{CameraError, Clock, DecodeError, Decoder, Pictures, Session, State, Wanted};
use http_client::told;
use tokio::time::timeout;

use super::{Done, Failure, Integration, Occasion, Picture, Told, Visit};
use crate::backoff::{Backoff, Random};
use crate::clock::Monotonic;

/// The argument with which this program starts itself to decode, and nothing else.
pub const DECODE: &str = "--decode-pictures";

/// The longest pause before a camera is connected to again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long a check waits for a camera's first keyframe, and then for a picture.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which camera, and which pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraSettings {
    /// `url`, `user`, and `password` of the secrets.
    pub camera: camera::Camera,
    /// `before`, `after`, `spacing_ms` and `widest`.
    pub wanted: Wanted,
}

impl CameraSettings {
    /// Takes a picture of this moment, and forgets it.
    pub(super) async fn check(&self, decoder: Decoder) -> Result<String, String> {
        let wanted = Wanted { before: 0, after: 0, within: PATIENCE, ..self.wanted };
        let camera = Camera::new(Self { wanted, ..self.clone() }, decoder);
        let mut state = camera.session.state();
        let settled = timeout(PATIENCE, state.wait_for(|state| *state != State::Connecting)).await;
        match settled.map(|settled| settled.map(|state| state.clone())) {
            Ok(Ok(State::Ready { .. })) => {}
            Ok(Ok(state @ (State::Connecting | State::Down { .. }))) => {
                return Err(format!("the camera {state}"));
            }
            Ok(Err(_)) | Err(_) => {
                return Err(format!("the camera sends no keyframe within {} s", PATIENCE.as_secs()));
            }
        }
        let picture = camera.session.picture(since_start(Monotonic::now()), &wanted).await;
        picture.map(|pictures| done(pictures, Duration::ZERO).told).map_err(|error| told(&error))
    }
}

/// A camera that is ready.
#[derive(Debug)]
pub struct Camera {
    session: Session,
    wanted: Wanted,
}

impl Camera {
    /// Connects to the camera that `settings` name, and decodes its pictures with `decoder`.
    ///
    /// Must be called within a Tokio runtime.
    #[must_use]
    pub fn new(settings: CameraSettings, decoder: Decoder) -> Self {
        let clock = Clock::new(|| since_start(Monotonic::now()));
        // All that it has to be is another one for another camera.
        let mut backoff = Backoff::new(Random::new(Monotonic::now().as_nanos()));
        let pause = move |failures| {
            if failures == 1 {
                backoff.reset();
            }
            backoff.pause(LONGEST_PAUSE)
        };
        let session = Session::start(settings.camera, decoder, clock, pause);
        Self { session, wanted: settings.wanted }
    }

    async fn take(&self, visit: &Visit) -> Result<Done, Failure> {
        let edge = since_start(visit.press.edge);
        match self.session.picture(edge, &self.wanted).await {
            Ok(pictures) => Ok(done(pictures, edge)),
            Err(error @ (CameraError::NoFrame(_) | CameraError::Busy)) => Err(Failure::Passing(told(&error))),
            Err(error @ CameraError::Decode(DecodeError::Start { .. })) => {
                Err(Failure::Lasting(told(&error)))
            }
            // The next keyframe may be a better one.
            Err(error @ CameraError::Decode(_)) => Err(Failure::Passing(told(&error))),
        }
    }
}

/// The pictures with their distance from the press: that of the press before the others.
fn done(pictures: Pictures, edge: Duration) -> Done {
    let Pictures { before, at, after } = pictures;
    let (width, height) = (at.width, at.height);
    let all = [at].into_iter().chain(before).chain(after);
    let pictures: Vec<_> = all
        .map(|picture| Picture { offset_ms: offset(picture.arrived, edge), jpeg: picture.jpeg.into() })
        .collect();
    let told = match pictures.len() {
        1 => format!("a picture, {width}x{height}"),
        count => format!("{count} pictures, {width}x{height}"),
    };
    Done { told, pictures }
}

fn offset(arrived: Duration, edge: Duration) -> i64 {
    let milliseconds = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    milliseconds(arrived.saturating_sub(edge)) - milliseconds(edge.saturating_sub(arrived))
}

fn since_start(moment: Monotonic) -> Duration {
    Duration::from_nanos(moment.as_nanos())
}

impl Integration for Camera {
    fn tell(self: Arc<Self>, occasion: Occasion) -> Told {
        Box::pin(async move { self.take(occasion.visit()).await })
    }
}

/// This program, started to decode.
pub(super) fn this_program() -> Decoder {
    Decoder::this_program(DECODE)
}

/// Decodes what comes on standard input, as the child that this program starts: see [`camera::decode`].
///
/// # Errors
/// See [`ChildError`].
pub fn decode() -> Result<(), ChildError> {
    camera::decode::child(std::io::stdin().lock(), std::io::stdout().lock())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_so_long_after_the_press_or_before_it() {
        let ms = Duration::from_millis;
        for (arrived, edge, expected) in [(1_500, 1_000, 500), (960, 1_000, -40), (1_000, 1_000, 0)] {
            assert_eq!(offset(ms(arrived), ms(edge)), expected);
        }
    }
}
