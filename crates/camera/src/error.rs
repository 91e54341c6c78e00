//! What goes wrong with a camera.

use std::time::Duration;

use crate::decode::DecodeError;
use crate::session::State;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// No frame of the moment came in time.
    #[error("no frame of this moment came in time: the camera {0}")]
    NoFrame(State),
    /// Other pictures were being made all the time.
    #[error("other pictures of this camera took all the time there was for this one")]
    Busy,
    /// The frame was there and did not become a picture.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Why there is no stream, as the end of a sentence that begins with the camera.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No connection.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// The credentials are not those that it knows, or it wants some and there are none.
    #[error("refuses the user or the password (status {0}): set both as in the camera's own settings")]
    Refused(u16),
    /// It answered a request with an error.
    #[error("answers with status {status}{}", hint(*status))]
    Status {
        /// RTSP's number for it.
        status: u16,
    },
    /// It has no video.
    #[error("offers no video at this address")]
    NoVideo,
    /// Its video is coded in another way.
    #[error(
        "sends {0}, and only H264 is understood: choose H.264 in its settings, or the address of such a stream"
    )]
    Codec(String),
    /// It did not answer, or no frame came.
    #[error("{doing} for {} s", limit.as_secs())]
    Silent {
        /// What it did, or left, for all this time.
        doing: &'static str,
        /// How long.
        limit: Duration,
    },
    /// A frame is larger than any that a camera has.
    #[error("sent a frame of {0} bytes, which is more than one can have")]
    Oversized(usize),
    /// It ended the stream.
    #[error("ended the stream")]
    Ended,
    /// What it sent could not be understood.
    #[error("broke off: {0}")]
    Broken(String),
}

fn hint(status: u16) -> &'static str {
    match status {
        404 => ": there is no such stream, look at the end of its address",
        453 | 503 => ": it may have too many viewers",
        _ => "",
    }
}
