//! Who rang, what came of it, and the pictures: on a thread of its own, in a file that does not grow beyond its bounds.
//!
//! Whoever has something to remember hands it over and goes on. What waits is bounded; what finds no place is let go of,
//! and the log tells how much that was: a bell that rings is worth more than its history. While nobody rings, nothing is
//! written.

mod entry;
mod schema;
mod store;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::time::Duration;
use std::{io, thread};

use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::timeout;

pub use entry::{Entry, Shown, Told};

use crate::announce::Boot;
use crate::log::Line;
use crate::quiet::Quiet;
use crate::record::Record;
use store::{Bounds, Store};
use writer::Writer;

/// Records and questions that may wait.
const WAITING: usize = 256;

/// Bytes of pictures that may wait: a card that has stopped to take anything must not fill the memory.
const WAITING_BYTES: usize = 4 * 1024 * 1024;

/// The largest picture that is kept, which is also about how much one commit writes.
const LARGEST: usize = 1024 * 1024;

/// The longest text that is kept of what an integration says, in letters.
const LONGEST: usize = 500;

/// The most quiet hours there can be.
pub const MOST_QUIET: u32 = 50;

/// Questions at a time, and how long an answer may take: whoever asks must not keep records waiting.
const QUESTIONS: usize = 8;
const ANSWER: Duration = Duration::from_secs(5);

/// What is kept, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistorySettings {
    /// The file, in the service manager's state folder.
    pub file: PathBuf,
    /// `visits`: how many visits are kept. Default: 1000.
    pub visits: u32,
    /// `megabytes`: how much the file may take, with all that is beside it. Default: 200.
    pub megabytes: u32,
}

/// The way to the history. Its copies lead to the same.
#[derive(Clone, Debug)]
pub struct History {
    orders: SyncSender<Order>,
    waiting_bytes: Arc<AtomicUsize>,
    lost: Arc<AtomicU64>,
    questions: Arc<Semaphore>,
    state: watch::Receiver<State>,
}

/// How the history is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Rises with everything that is written, once it can be read.
    pub revision: u64,
    /// How many visits there are.
    pub visits: u64,
    /// How many pictures.
    pub pictures: u64,
    /// How many bytes of the file are in use.
    pub bytes: u64,
    /// Why nothing can be kept beyond the end of this process, or at all.
    pub trouble: Option<String>,
}

/// There is no answer: the history is busy, or has ended, or cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the history does not answer: it is busy or damaged; the log may say more")]
pub struct NoAnswer;

/// What happens on the thread.
enum Order {
    Remember(Record),
    Question(Question),
    /// Make quiet hours, or remove those of a number; then tell everybody.
    Quiet(Result<Quiet, i64>, oneshot::Sender<rusqlite::Result<bool>>),
    End(mpsc::Sender<()>),
}

/// Looks something up, and answers whoever wants to know.
type Question = Box<dyn FnOnce(&mut Store) -> rusqlite::Result<()> + Send>;

/// What the history tells of itself.
pub trait Listener: Send + 'static {
    /// Something for the log.
    fn log(&mut self, line: Line);
    /// These are the quiet hours.
    fn quiet(&mut self, all: Vec<Quiet>);
}

impl History {
    /// Opens the history, on a thread of its own. If it cannot be opened the log says why, and what happens is kept in
    /// memory, as far as there is room.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn open(settings: &HistorySettings, boot: Boot, listener: impl Listener) -> io::Result<Self> {
        let (orders, received) = mpsc::sync_channel(WAITING);
        let (state, watched) = watch::channel(State::default());
        let history = Self {
            orders,
            waiting_bytes: Arc::default(),
            lost: Arc::default(),
            questions: Arc::new(Semaphore::new(QUESTIONS)),
            state: watched,
        };
        let (bytes, lost) = (Arc::clone(&history.waiting_bytes), Arc::clone(&history.lost));
        let bounds = Bounds { visits: settings.visits, bytes: u64::from(settings.megabytes) * 1024 * 1024 };
        let file = settings.file.clone();
        thread::Builder::new().name("history".to_owned()).stack_size(512 * 1024).spawn(move || {
            Writer::open(&file, bounds, boot, state, listener).run(&received, &bytes, &lost);
        })?;
        Ok(history)
    }

    /// Has something remembered. It never waits.
    pub fn record(&self, record: Record) {
        let size = size_of(&record);
        let waiting = self.waiting_bytes.fetch_add(size, Ordering::Relaxed);
        let fits = size <= LARGEST && waiting + size <= WAITING_BYTES;
        if !fits || self.orders.try_send(Order::Remember(record)).is_err() {
            self.waiting_bytes.fetch_sub(size, Ordering::Relaxed);
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How the history is, and whenever that changes.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// The latest visits before the one of this number, or of all.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn visits(&self, before: Option<i64>, count: u32) -> Result<Vec<Entry>, NoAnswer> {
        self.ask(move |store| entry::before(store.connection(), before.unwrap_or(i64::MAX), count)).await
    }

    /// The visit of this number, if it is still there.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn visit(&self, id: i64) -> Result<Option<Entry>, NoAnswer> {
        self.ask(move |store| entry::of(store.connection(), id)).await
    }

    /// The JPEG file of the picture of this number, if it is still there.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn picture(&self, id: i64) -> Result<Option<Vec<u8>>, NoAnswer> {
        self.ask(move |store| entry::jpeg(store.connection(), id)).await
    }

    /// All quiet hours by number.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn quiet(&self) -> Result<Vec<(i64, Quiet)>, NoAnswer> {
        self.ask(|store| store.quiet()).await
    }

    /// Adds quiet hours; `false` if there are [`MOST_QUIET`].
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn add_quiet(&self, quiet: Quiet) -> Result<bool, NoAnswer> {
        self.order(|answer| Order::Quiet(Ok(quiet), answer)).await
    }

    /// Removes the quiet hours of this number.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn remove_quiet(&self, id: i64) -> Result<(), NoAnswer> {
        self.order(|answer| Order::Quiet(Err(id), answer)).await.map(|_: bool| ())
    }

    /// Writes what waits and ends, within `time`. Nothing is remembered after that.
    pub fn close(&self, time: Duration) {
        let (done, ended) = mpsc::channel();
        if self.orders.try_send(Order::End(done)).is_ok() {
            let _ = ended.recv_timeout(time);
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Store) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, NoAnswer> {
        self.order(|answer| {
            Order::Question(Box::new(move |store| match question(store) {
                Ok(found) => {
                    // Whoever has asked may not wait any more.
                    let _ = answer.send(Ok(found));
                    Ok(())
                }
                Err(error) => Err(error),
            }))
        })
        .await
    }

    async fn order<T>(
        &self,
        order: impl FnOnce(oneshot::Sender<rusqlite::Result<T>>) -> Order,
    ) -> Result<T, NoAnswer> {
        let asked = async {
            let _permit = self.questions.acquire().await.ok()?;
            let (answer, answered) = oneshot::channel();
            self.orders.try_send(order(answer)).ok()?;
            answered.await.ok()?.ok()
        };
        timeout(ANSWER, asked).await.ok().flatten().ok_or(NoAnswer)
    }
}

/// Bytes of pictures in a record.
fn size_of(record: &Record) -> usize {
    match record {
        Record::Picture { picture, .. } => picture.jpeg.len(),
        Record::Visit { .. } | Record::Dated { .. } | Record::Outcome { .. } => 0,
    }
}
