//! H.264 in, JPEG out, in a process of its own.
//!
//! The stream is what a camera sends, the decoder is C++, and between them is nothing but hope. So they meet in a child
//! that has no environment, no network and no files of its own, may use little memory and time ([`limits`](child)), and
//! is killed at a deadline. It is this very program, started again with a hidden argument; its memory goes with it.

mod child;
mod colour;
mod frames;
mod jpeg;
mod limits;
mod planes;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};
use tokio::time::{Instant, timeout_at};

pub use child::{ChildError, child};
pub use frames::FormatError;

/// The most that is read of what a child says when it fails.
const LAST_WORDS: u64 = 1 << 10;

/// How the child is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoder {
    /// The program, whose `main` calls [`child`] when it finds the argument.
    pub program: PathBuf,
    /// The argument.
    pub argument: OsString,
}

/// What is to be decoded, and which pictures are to be made of it.
#[derive(Clone, Debug)]
pub struct Order {
    /// The access units, in the order of the stream.
    pub steps: Vec<Step>,
    /// How wide a picture is at most, in pixels.
    pub widest: u16,
    /// The quality of a JPEG, from 1 to 100.
    pub quality: u8,
}

/// One access unit.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its byte stream (ISO/IEC 14496-10, Annex B).
    pub unit: Bytes,
    /// Whether a picture is to be made of it.
    pub is_wanted: bool,
}

/// A picture as the child made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
    /// The file's content.
    pub jpeg: Vec<u8>,
}

impl Decoder {
    /// This program itself, even when another one has taken its place on the disk, to be started with `argument`.
    #[must_use]
    pub fn this_program(argument: impl Into<OsString>) -> Self {
        Self { program: "/proc/self/exe".into(), argument: argument.into() }
    }

    /// Has a child carry out `order`, and gives for each unit that is wanted a picture, or why there is none.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub async fn decode(
        &self,
        order: &Order,
        deadline: Instant,
    ) -> Result<Vec<Result<Made, String>>, DecodeError> {
        let mut child = Command::new(&self.program)
            .arg(&self.argument)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| DecodeError::Start { program: self.program.clone(), error })?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            unreachable!("all three are asked for");
        };
        let wanted = order.steps.iter().filter(|step| step.is_wanted).count();
        let talk = async {
            tokio::join!(
                send(stdin, order),
                at_most(stdout, frames::longest_answer(wanted)),
                at_most(stderr, LAST_WORDS),
                child.wait()
            )
        };
        let Ok(((), answer, last_words, status)) = timeout_at(deadline, talk).await else {
            // Before the next one is started, its memory is to be free again.
            let _ = child.kill().await;
            return Err(DecodeError::Late);
        };
        let status = status.map_err(DecodeError::Wait)?;
        if !status.success() {
            return Err(DecodeError::Failed { status, last_words: told(&last_words) });
        }
        frames::read_answer(&answer, wanted).map_err(DecodeError::Answer)
    }
}

/// Sends all of `order`. A child that does not read it all says itself why.
async fn send(mut stdin: ChildStdin, order: &Order) {
    let send = async {
        stdin.write_all(&frames::head(order)).await?;
        for step in &order.steps {
            stdin.write_all(&frames::step_head(step)).await?;
            stdin.write_all(&step.unit).await?;
        }
        stdin.write_all(&frames::END).await
    };
    let _ = send.await;
}

/// The first `limit` bytes; what is more is left unread, and ends a child that writes it.
async fn at_most(stream: impl AsyncRead + Unpin, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // An error ends it like an end: what is missing is noticed by who reads the bytes.
    let _ = stream.take(limit).read_to_end(&mut bytes).await;
    bytes
}

fn told(last_words: &[u8]) -> String {
    let text = String::from_utf8_lossy(last_words);
    let letters = text.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    letters.collect()
}

/// Why there are no pictures.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// There is no child.
    #[error("the decoder {} cannot be started", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
    /// Nobody knows how the child ended.
    #[error("the decoder's end cannot be waited for")]
    Wait(#[source] std::io::Error),
    /// The child was killed.
    #[error("the decoder was not done in time")]
    Late,
    /// The child gave up, or was ended by one of its limits.
    #[error("the decoder ended with {status}: {last_words}")]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// What it said last.
        last_words: String,
    },
    /// The child answered something else.
    #[error("the decoder's answer is not to be understood")]
    Answer(#[source] FormatError),
    /// It was no picture.
    #[error("the frame of the moment cannot be decoded: {0}")]
    Undecodable(String),
}
