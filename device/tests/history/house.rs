//! A house with a history, and what it tells of itself.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use device::announce::{Boot, PressId};
use device::clock::Monotonic;
use device::history::{History, HistorySettings, Listener};
use device::integration::Picture;
use device::log::Line;
use device::quiet::Quiet;
use device::record::{Outcome, Record};

/// 2026-12-01 00:00:00 UTC.
pub(crate) const BEGIN: Duration = Duration::from_secs(1_796_083_200);

pub(crate) struct House {
    pub(crate) history: History,
    told: Arc<Mutex<Told>>,
}

#[derive(Default)]
struct Told {
    lines: Vec<String>,
    quiet: Vec<Quiet>,
}

struct Ears(Arc<Mutex<Told>>);

impl Listener for Ears {
    fn log(&mut self, line: Line) {
        self.0.lock().expect("a lock").lines.push(line.to_string());
    }

    fn quiet(&mut self, all: Vec<Quiet>) {
        self.0.lock().expect("a lock").quiet = all;
    }
}

impl House {
    /// A house whose history is in this folder, with room for many visits.
    pub(crate) fn at(folder: &Path) -> Self {
        Self::with(folder, 100_000, 100)
    }

    pub(crate) fn with(folder: &Path, visits: u32, megabytes: u32) -> Self {
        let told = Arc::default();
        let settings = HistorySettings { file: folder.join("history.db"), visits, megabytes };
        let ears = Ears(Arc::clone(&told));
        let history = History::open(&settings, Boot::new("this start"), ears).expect("a thread");
        Self { history, told }
    }

    /// Waits until all that was recorded is written, or was not.
    pub(crate) async fn settle(&self) {
        // While too much waits there is no answer.
        while self.history.visits(None, 1).await.is_err() {
            tokio::task::yield_now().await;
        }
    }

    /// The numbers of the presses of all visits, the latest first.
    pub(crate) async fn bells(&self) -> Vec<String> {
        let visits = self.history.visits(None, 100_000).await.expect("an answer");
        visits.into_iter().map(|visit| visit.bell).collect()
    }

    /// What the log was told.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.told.lock().expect("a lock").lines.clone()
    }

    /// The quiet hours that were told last.
    pub(crate) fn quiet(&self) -> Vec<Quiet> {
        self.told.lock().expect("a lock").quiet.clone()
    }

    /// Ends it as the daemon does.
    pub(crate) fn close(self) {
        self.history.close(Duration::from_secs(10));
    }
}

pub(crate) fn press(number: u64) -> PressId {
    let bell = alexa::EndpointId::parse("front-door").expect("an id");
    PressId { edge: Monotonic::from_nanos(number), bell }
}

pub(crate) fn at(number: u64) -> SystemTime {
    UNIX_EPOCH + BEGIN + Duration::from_secs(number)
}

/// A visit whose bell is called as it is numbered.
pub(crate) fn visit(number: u64) -> Record {
    Record::Visit { press: press(number), bell: number.to_string(), at: Some(at(number)), is_trial: false }
}

pub(crate) fn outcome(number: u64, who: &str, told: &str) -> Record {
    let (who, told, took) = (who.to_owned(), told.to_owned(), Duration::from_millis(40));
    Record::Outcome { press: press(number), who, outcome: Outcome::Done, told, took }
}

/// A picture of so many bytes, which tell its number.
pub(crate) fn picture(number: u64, size: usize) -> Record {
    let mut jpeg = vec![number.to_le_bytes()[0]; size];
    jpeg[..3].copy_from_slice(&[0xff, 0xd8, 0xff]);
    let picture = Picture { jpeg: jpeg.into(), offset_ms: 0 };
    Record::Picture { press: press(number), who: "camera".to_owned(), picture }
}

/// Bytes of all files in a folder.
pub(crate) fn size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("a folder");
    files.map(|file| file.and_then(|file| file.metadata()).map_or(0, |file| file.len())).sum()
}
