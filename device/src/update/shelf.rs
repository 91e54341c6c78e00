//! The folder with the packages: what is installed now, for the way back, and what comes next.
//!
//! Beside them is a file with what is going on. Every file is replaced as a whole and brought to the disk before anything
//! is done that relies on it: a machine may lose its power at any time.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use package::{Architecture, Version};
use serde::{Deserialize, Serialize};

use super::error::UpdateError;

/// Longest file of what is going on.
const LONGEST: u64 = 64 * 1024;

/// The folder.
#[derive(Clone, Debug)]
pub struct Shelf(PathBuf);

/// What is written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct State {
    /// The update that has begun and not ended.
    pub(super) going: Option<Going>,
    /// What did not run here.
    pub(super) failed: Option<Failed>,
}

/// An update that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Going {
    pub(super) from: Version,
    pub(super) to: Version,
    pub(super) architecture: Architecture,
    /// Whether there is a package to put back.
    pub(super) is_kept: bool,
    /// Why it goes back, if it does.
    pub(super) back: Option<String>,
}

/// A version that the daemon did not run with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Failed {
    /// The version.
    pub version: Version,
    /// What was wrong.
    pub why: String,
}

impl Shelf {
    /// The folder at `path`, which is made when something is put there.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where the package of `version` is, under Debian's name for its file.
    #[must_use]
    pub fn file(&self, version: &Version, architecture: Architecture) -> PathBuf {
        self.0.join(format!("{}_{version}_{architecture}.deb", package::NAME))
    }

    /// Keeps others from updating for as long as it lives, or until this process ends.
    pub(super) fn lock(&self) -> Result<File, UpdateError> {
        let path = self.0.join("lock");
        let refused = |source| UpdateError::File { what: "lock", path: path.clone(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(refused)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = file.map_err(refused)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(UpdateError::Busy),
            Err(TryLockError::Error(source)) => Err(refused(source)),
        }
    }

    /// What is written down; nothing if nothing is.
    pub(super) fn state(&self) -> Result<State, UpdateError> {
        let path = self.state_file();
        let mut text = String::new();
        match File::open(&path).and_then(|file| file.take(LONGEST).read_to_string(&mut text)) {
            Ok(_) => serde_json::from_str(&text).map_err(|_| UpdateError::WrongState(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::default()),
            Err(source) => Err(UpdateError::File { what: "read", path, source }),
        }
    }

    /// Writes down what is going on.
    pub(super) fn write(&self, state: &State) -> Result<(), UpdateError> {
        let text = serde_json::to_vec(state).expect("plain text");
        self.replace(&self.state_file(), &text)
    }

    /// Puts a package there.
    pub(super) fn put(
        &self,
        version: &Version,
        architecture: Architecture,
        package: &[u8],
    ) -> Result<(), UpdateError> {
        self.replace(&self.file(version, architecture), package)
    }

    /// Takes away what is neither the lock, what is written down, nor the package of `version`.
    pub(super) fn keep_only(&self, version: &Version, architecture: Architecture) -> Result<(), UpdateError> {
        let kept = [self.file(version, architecture), self.0.join("lock"), self.state_file()];
        let refused = |source| UpdateError::File { what: "clear", path: self.0.clone(), source };
        for entry in fs::read_dir(&self.0).map_err(refused)? {
            let path = entry.map_err(refused)?.path();
            if !kept.contains(&path) {
                fs::remove_file(&path).map_err(refused)?;
            }
        }
        Ok(())
    }

    fn state_file(&self) -> PathBuf {
        self.0.join("state.json")
    }

    fn replace(&self, path: &Path, content: &[u8]) -> Result<(), UpdateError> {
        let new = self.0.join("new");
        let write = || {
            let mut file =
                OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&new, path)?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(|source| UpdateError::File { what: "write", path: path.to_owned(), source })
    }
}
