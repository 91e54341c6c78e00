//! One connection to a camera: RTSP 1.0, with the stream in the same connection (RFC 2326, 10.12).

use std::time::Duration;

use futures_util::StreamExt;
use retina::client::{self, Demuxed, PlayOptions, SessionOptions, SetupOptions};
use retina::codec::{CodecItem, FrameFormat, ParametersRef, VideoFrame};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::error::Why;
use crate::session::Camera;
use crate::unit::LARGEST;

/// How long a camera may take from the first packet to its consent to play: some start their encoder for it.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long it may send no frame. The slowest cameras send one in a second.
///
/// It is also what limits a hostile one: the library gathers a message or a frame for as long as it lasts, so this much
/// time is what it has to fill memory in.
const SILENCE: Duration = Duration::from_secs(5);

/// A stream that plays.
pub(super) struct Connection {
    stream: Demuxed,
    video: usize,
}

impl Connection {
    /// Connects and has the camera play its video.
    pub(super) async fn open(camera: &Camera) -> Result<Self, Why> {
        match timeout(HANDSHAKE, Self::handshake(camera)).await {
            Ok(opened) => opened,
            Err(_) => Err(Why::Silent { doing: "did not answer", limit: HANDSHAKE }),
        }
    }

    async fn handshake(camera: &Camera) -> Result<Self, Why> {
        let credentials = camera.credentials.as_ref().map(|credentials| client::Credentials {
            username: credentials.user.clone(),
            password: credentials.password.expose_secret().to_owned(),
        });
        let options = SessionOptions::default().creds(credentials).user_agent("porch".to_owned());
        let url = camera.address.url().clone();
        let mut session = client::Session::describe(url, options).await.map_err(|error| why(&error))?;
        let video = choose(session.streams().iter().map(|stream| (stream.media(), stream.encoding_name())))?;
        let setup = SetupOptions::default().frame_format(FrameFormat::SIMPLE);
        session.setup(video, setup).await.map_err(|error| why(&error))?;
        let playing = session.play(PlayOptions::default()).await.map_err(|error| why(&error))?;
        Ok(Self { stream: playing.demuxed().map_err(|error| why(&error))?, video })
    }

    /// The next frame.
    pub(super) async fn next(&mut self) -> Result<VideoFrame, Why> {
        let frame = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(CodecItem::VideoFrame(frame))) => return Ok(frame),
                    // What is said about the stream is of no use here.
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(why(&error)),
                    None => return Err(Why::Ended),
                }
            }
        };
        let frame = timeout(SILENCE, frame)
            .await
            .map_err(|_| Why::Silent { doing: "sent no frame", limit: SILENCE })??;
        let bytes = frame.data().len();
        if bytes > LARGEST { Err(Why::Oversized(bytes)) } else { Ok(frame) }
    }

    /// Width and height in pixels, and frames in a second, as far as the camera has said.
    pub(super) fn shape(&self) -> (Option<(u32, u32)>, Option<f32>) {
        let Some(stream) = self.stream.streams().get(self.video) else { return (None, None) };
        let Some(ParametersRef::Video(parameters)) = stream.parameters() else {
            return (None, stream.framerate());
        };
        #[expect(clippy::cast_precision_loss, reason = "for people to read")]
        let of_parameters = |(seconds, frames): (u32, u32)| frames as f32 / seconds as f32;
        let fps = stream.framerate().or(parameters.frame_rate().map(of_parameters));
        (Some(parameters.pixel_dimensions()), fps.filter(|fps| fps.is_finite()))
    }
}

/// Which of the streams, each told by its medium and its coding, is to be played.
fn choose<'a>(streams: impl Iterator<Item = (&'a str, &'a str)>) -> Result<usize, Why> {
    let mut other = None;
    for (index, (medium, coding)) in streams.enumerate() {
        match (medium, coding) {
            ("video", "h264") => return Ok(index),
            ("video" | "image", _) => other = other.or(Some(coding)),
            _ => {}
        }
    }
    Err(other.map_or(Why::NoVideo, |coding| Why::Codec(told(&coding.to_uppercase()))))
}

fn why(error: &retina::Error) -> Why {
    match error.status_code() {
        // With 200, it is what was in the answer.
        None | Some(200..300) => {}
        Some(status @ (401 | 403)) => return Why::Refused(status),
        Some(status) => return Why::Status { status },
    }
    let text = told(&error.to_string());
    match text.strip_prefix("Unable to connect to RTSP server: ") {
        Some(cause) => Why::Unreachable(cause.to_owned()),
        None => Why::Broken(text),
    }
}

/// The first line of what the library says, which may have anything in it that the camera sent.
fn told(text: &str) -> String {
    const LONGEST: usize = 160;
    let line = text.lines().next().unwrap_or_default();
    line.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(streams: &[(&str, &str)], expected: Result<usize, &Why>) {
        assert_eq!(
            choose(streams.iter().copied()).as_ref(),
            expected.as_ref().map_err(|why| *why),
            "{streams:?}"
        );
    }

    #[test]
    fn the_first_stream_in_h264_is_played() {
        check(&[("audio", "pcmu"), ("video", "h264"), ("video", "h264")], Ok(1));
        check(&[("video", "h265"), ("video", "h264")], Ok(1));
        check(&[("video", "h265"), ("video", "jpeg")], Err(&Why::Codec("H265".into())));
        check(&[("image", "jpeg")], Err(&Why::Codec("JPEG".into())));
        check(&[("audio", "pcmu")], Err(&Why::NoVideo));
        check(&[], Err(&Why::NoVideo));
    }

    #[test]
    fn what_a_camera_says_is_one_short_line() {
        assert_eq!(told("bad\x1b[31m thing\nconn: …"), "bad[31m thing");
        assert_eq!(told(&"x".repeat(1_000)).len(), 160);
    }
}
