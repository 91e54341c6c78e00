//! `porch-doorbell update`: installs the newest package that the stack has published, and puts the former one back if the
//! daemon does not run with it.
//!
//! ```text
//! parameter ──> manifest, signed ──> decide ──> package, hashed ──> dpkg ──> restart ──> ready?
//!                                                                                 └─no──> the former one, restart
//! ```
//!
//! AWS is trusted with nothing here: a manifest counts by its signature, and a package by its hash in the manifest. What
//! is going on is written down before it is done, so that whoever is killed in between is followed by one who finishes it.

mod decide;
mod error;
mod machine;
mod outcome;
mod published;
mod shelf;
mod steps;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use package::{PublicKey, Version};

use crate::settings::Settings;

pub use decide::{Decision, How, decide};
pub use error::UpdateError;
pub use machine::{Debian, Installed, Machine, ProgramError};
pub use outcome::Outcome;
pub use published::Published;
pub use shelf::{Failed, Shelf};
pub use steps::Updater;

/// Where packages are kept, and what is going on.
const FOLDER: &str = "/var/cache/porch-doorbell";

/// Longest file that is read for a public key, which has 44 characters.
const KEY_LIMIT: u64 = 1024;

/// What there is, and what there could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The version that is installed.
    pub installed: Version,
    /// The newest that is published.
    pub published: Version,
}

impl News {
    /// Whether an update would install something.
    #[must_use]
    pub fn is_update_available(&self) -> bool {
        self.published.is_newer_than(&self.installed)
    }
}

/// Updates this machine.
///
/// # Errors
/// When it is not up to date afterwards. The daemon runs as before, unless the error says otherwise.
pub async fn run(settings: &Settings, how: How) -> Result<Outcome, UpdateError> {
    if !how.dry_run && !rustix::process::geteuid().is_root() {
        return Err(UpdateError::NotRoot);
    }
    let published = open(settings)?;
    Updater { machine: &Debian, published: &published, shelf: Shelf::new(Path::new(FOLDER)) }
        .update(how)
        .await
}

/// What there is to install, for whoever shows it; nothing is changed. None on a machine without the key that it would take
/// packages by.
///
/// # Errors
/// When that cannot be found out.
pub async fn look(settings: &Settings) -> Result<Option<News>, UpdateError> {
    if !settings.update.key.exists() {
        return Ok(None);
    }
    let published = open(settings)?;
    let (installed, architecture) = Debian.package().await?.whole()?;
    let manifest = published.latest(architecture).await?;
    Ok(Some(News { installed, published: manifest.version }))
}

fn open(settings: &Settings) -> Result<Published, UpdateError> {
    Published::new(settings, read_key(&settings.update.key)?)
}

fn read_key(path: &PathBuf) -> Result<PublicKey, UpdateError> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(KEY_LIMIT).read_to_string(&mut text));
    let wrong = |why: String| UpdateError::Key { path: path.clone(), why };
    read.map_err(|error| wrong(error.to_string()))?;
    PublicKey::parse(text.trim()).map_err(|error| wrong(error.to_string()))
}
