//! The file in which open presses are kept for the next process.
//!
//! It is in memory (a runtime folder of the service manager), and replaced as a whole: a process that is killed leaves
//! either what was kept before or what is kept now. A machine that starts anew finds nothing, or what is not of this
//! start; its presses are too old then.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::announce::{Boot, KeptPress, WORTH};
use crate::clock::Monotonic;

/// Longest file that is read: some presses of 30 s, each of which tells some users.
const LONGEST: u64 = 256 * 1024;

/// Where the kernel tells which start of the machine this is (random(4)).
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Keeps presses.
#[derive(Debug)]
pub(crate) struct Keeper {
    path: PathBuf,
    boot: Boot,
}

#[derive(Serialize)]
struct Written<'a> {
    boot: &'a str,
    presses: &'a [KeptPress],
}

#[derive(Deserialize)]
struct Found {
    boot: String,
    presses: Vec<KeptPress>,
}

impl Keeper {
    /// Keeps presses of this start of the machine in the file at `path`.
    ///
    /// # Errors
    /// When the kernel does not tell which start that is.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        let boot = Boot::new(fs::read_to_string(BOOT_ID)?.trim());
        Ok(Self { path: path.to_owned(), boot })
    }

    /// Which start of the machine this is.
    pub(crate) fn boot(&self) -> Boot {
        self.boot.clone()
    }

    /// What an earlier process has kept and is still worth something at `now`; nothing if there is none.
    ///
    /// # Errors
    /// When there is a file that is not understood. Nothing can be done about it but to go on without it.
    pub(crate) fn load(&self, now: Monotonic) -> io::Result<Vec<KeptPress>> {
        let mut text = String::new();
        match fs::File::open(&self.path) {
            Ok(file) => file.take(LONGEST).read_to_string(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let found: Found = serde_json::from_str(&text)?;
        if found.boot != self.boot.as_str() {
            return Ok(Vec::new());
        }
        let is_worth = |kept: &KeptPress| {
            let edge = kept.press().id.edge;
            edge <= now && now.since(edge) < WORTH
        };
        Ok(found.presses.into_iter().filter(is_worth).collect())
    }

    /// Keeps `presses` in the place of what was kept before. Not synchronised to a disk: what outlives this process need
    /// not outlive the machine's.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn keep(&self, presses: &[KeptPress]) -> io::Result<()> {
        let text = serde_json::to_vec(&Written { boot: self.boot.as_str(), presses })?;
        let new = self.path.with_extension("new");
        fs::File::create(&new)?.write_all(&text)?;
        fs::rename(&new, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeper(folder: &Path, boot: &str) -> Keeper {
        Keeper { path: folder.join("presses.json"), boot: Boot::new(boot) }
    }

    fn press(edge: u64) -> KeptPress {
        let text = format!(
            r#"{{"bell":"front-door","edge":{edge},"stable":{edge},"timestamp":"2026-12-01T08:15:30Z","settled":[]}}"#
        );
        serde_json::from_str(&text).expect("a press")
    }

    const NOW: Monotonic = Monotonic::from_nanos(100_000_000_000);

    #[test]
    fn the_next_process_finds_what_is_still_worth_something() {
        let folder = tempfile::tempdir().expect("a folder");
        let keeper = keeper(folder.path(), "a");
        assert_eq!(keeper.load(NOW).expect("no file"), []);
        let (good, old, to_come) = (press(70_000_000_001), press(70_000_000_000), press(100_000_000_001));
        keeper.keep(&[good.clone(), old, to_come]).expect("a file");
        assert_eq!(keeper.load(NOW).expect("a file"), [good]);
    }

    #[test]
    fn what_is_of_another_start_of_the_machine_means_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        keeper(folder.path(), "a").keep(&[press(90_000_000_000)]).expect("a file");
        assert_eq!(keeper(folder.path(), "b").load(NOW).expect("a file"), []);
    }

    #[test]
    fn what_is_not_understood_is_told_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let keeper = keeper(folder.path(), "a");
        for text in ["", "{", "[]", r#"{"boot":"a","presses":[{}]}"#] {
            fs::write(&keeper.path, text).expect("a file");
            assert!(keeper.load(NOW).is_err(), "{text}");
        }
    }
}
