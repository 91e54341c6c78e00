//! A button that is played through a socket, for trials on a machine without one.
//!
//! Whoever connects writes one edge a line and is answered each with a line:
//!
//! ```text
//! > pressed 81234567890123       the level, and the reading of CLOCK_MONOTONIC in nanoseconds
//! < ok
//! > released 81234567890124
//! < refused: the edge is in the future
//! ```
//!
//! What is refused has no effect and ends the connection. Edges are taken as they are, with all their bounce: they go
//! the same way as those of a real line.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Button, ButtonError};
use crate::clock::Monotonic;
use crate::press::{Edge, Level};

/// Edges that wait; then the player waits.
const WAITING: usize = 64;
/// Longest line: a level, a number of twenty digits, the line's end.
const LINE: u64 = 32;
/// How long a player may be silent, and how long he may take to read an answer.
const SILENCE: Duration = Duration::from_secs(60);
/// How old an edge may be. Older ones are of a clock that is not this machine's.
const OLDEST: Duration = Duration::from_secs(60);

/// A button that is played.
pub struct Simulated {
    path: PathBuf,
    level: Level,
    edges: mpsc::Receiver<Edge>,
    listening: JoinHandle<()>,
}

impl Simulated {
    /// Listens at `path`, for this user alone. Must be called within the runtime.
    ///
    /// # Errors
    /// When there is no such folder, or it may not be written to.
    pub fn open(path: &Path) -> Result<Self, ButtonError> {
        let listener = listen(path).map_err(|error| ButtonError::Unopened {
            button: path.display().to_string(),
            source: error.into(),
        })?;
        let (sender, edges) = mpsc::channel(WAITING);
        let listening = tokio::spawn(serve(listener, sender));
        Ok(Self { path: path.to_owned(), level: Level::Released, edges, listening })
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Button for Simulated {
    fn level(&mut self) -> Result<Level, ButtonError> {
        Ok(self.level)
    }

    fn poll_edge(&mut self, context: &mut Context<'_>) -> Poll<Result<Edge, ButtonError>> {
        self.edges.poll_recv(context).map(|edge| {
            let edge = edge.ok_or_else(|| ButtonError::Ended(self.path.display().to_string()))?;
            self.level = edge.level;
            Ok(edge)
        })
    }
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    // One that was killed has left it.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// One player after the other, so that their edges are not mixed.
async fn serve(listener: UnixListener, edges: mpsc::Sender<Edge>) {
    let mut latest = Monotonic::default();
    while let Ok((player, _)) = listener.accept().await {
        // A player who is gone has had his say; the next one is as welcome.
        let _ = listen_to(player, &edges, &mut latest).await;
    }
}

async fn listen_to(
    mut player: UnixStream,
    edges: &mpsc::Sender<Edge>,
    latest: &mut Monotonic,
) -> io::Result<()> {
    let (reader, mut writer) = player.split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let mut limited = (&mut reader).take(LINE);
        if timeout(SILENCE, limited.read_until(b'\n', &mut line)).await?? == 0 {
            return Ok(());
        }
        let edge = read_edge(&line, *latest, Monotonic::now());
        let answer = match &edge {
            Ok(_) => "ok\n".to_owned(),
            Err(refusal) => format!("refused: {refusal}\n"),
        };
        if let Ok(edge) = edge {
            *latest = edge.at;
            edges.send(edge).await.map_err(io::Error::other)?;
        }
        timeout(SILENCE, writer.write_all(answer.as_bytes())).await??;
        if edge.is_err() {
            return Ok(());
        }
    }
}

/// Reads one line of a player, whose edge before this was at `latest`.
///
/// # Errors
/// When it is no edge that can have happened.
pub fn read_edge(line: &[u8], latest: Monotonic, now: Monotonic) -> Result<Edge, Refusal> {
    let line = line.strip_suffix(b"\n").ok_or(Refusal::Unended)?;
    let line = std::str::from_utf8(line).map_err(|_| Refusal::Malformed)?;
    let (level, stamp) = line.split_once(' ').ok_or(Refusal::Malformed)?;
    let level = match level {
        "pressed" => Level::Pressed,
        "released" => Level::Released,
        _ => return Err(Refusal::Malformed),
    };
    // parse() would take a plus sign as well.
    let is_number = !stamp.is_empty() && stamp.bytes().all(|byte| byte.is_ascii_digit());
    let nanoseconds = is_number.then(|| stamp.parse().ok()).flatten().ok_or(Refusal::Malformed)?;
    let at = Monotonic::from_nanos(nanoseconds);
    match () {
        () if at > now => Err(Refusal::Future),
        () if now.since(at) > OLDEST => Err(Refusal::Old),
        () if at < latest => Err(Refusal::Disordered),
        () => Ok(Edge { level, at }),
    }
}

/// Why a line is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is too long, or the connection ended within it.
    #[error("a line has at most 32 bytes, and an end")]
    Unended,
    /// It is something else.
    #[error("a line is `pressed NANOSECONDS` or `released NANOSECONDS`")]
    Malformed,
    /// Its time is yet to come.
    #[error("the edge is in the future")]
    Future,
    /// It is too old to be of this clock.
    #[error("the edge is older than a minute; is the time that of CLOCK_MONOTONIC?")]
    Old,
    /// It is before the edge before it.
    #[error("the edge is before the one before it")]
    Disordered,
}
