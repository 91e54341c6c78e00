//! What a long step is given by whoever waits for it: somebody to tell how far it is, and a way to be stopped.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// How often a detail is worth saying: where nothing can be replaced on the screen, each one is a line.
const DETAIL_EVERY: Duration = Duration::from_secs(1);

/// Something said about a running step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// What is going on right now; the next one replaces it.
    Status(String),
    /// A result worth keeping on the screen.
    Line(String),
    /// Something that a person has to do, or should know of.
    Warning(String),
}

/// A running step's ties to whoever waits for it.
#[derive(Clone)]
pub struct Task {
    tell: Arc<dyn Fn(Message) + Send + Sync>,
    last_status: Arc<Mutex<Option<Instant>>>,
    cancel: CancellationToken,
}

impl Task {
    /// A task that tells `tell` how far it is, and ends early once `cancel` is cancelled.
    pub fn new(tell: impl Fn(Message) + Send + Sync + 'static, cancel: CancellationToken) -> Self {
        Self { tell: Arc::new(tell), last_status: Arc::default(), cancel }
    }

    /// A task that nobody watches or stops.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_| (), CancellationToken::new())
    }

    /// Says what is going on right now.
    pub fn status(&self, text: impl Into<String>) {
        *self.last_status.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        (self.tell)(Message::Status(text.into()));
    }

    /// Says how far a step is, of which there is much to say: only now and then.
    pub fn detail(&self, text: impl FnOnce() -> String) {
        let last = *self.last_status.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= DETAIL_EVERY) {
            self.status(text());
        }
    }

    /// Says something worth keeping.
    pub fn line(&self, text: impl Into<String>) {
        (self.tell)(Message::Line(text.into()));
    }

    /// Says what a person has to do, or should know of.
    pub fn warning(&self, text: impl Into<String>) {
        (self.tell)(Message::Warning(text.into()));
    }

    /// Ends once the task is to stop.
    pub async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("cancelled", &self.cancel.is_cancelled()).finish_non_exhaustive()
    }
}
