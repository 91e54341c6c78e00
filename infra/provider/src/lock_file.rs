//! The part of `Cargo.lock` that can end up in a program: exact versions and checksums.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::crates::Crates;

/// Why the lock file is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockFileError {
    #[error("{} is absent, so that a build would not be the same twice; make it with `cargo generate-lockfile`", .0.display())]
    Absent(PathBuf),
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is not a lock file: {source}", path.display())]
    Parse { path: PathBuf, source: toml::de::Error },
    #[error("Cargo.lock does not have `{0}`; bring it up to date with `cargo check`")]
    Stale(String),
}

/// `Cargo.lock`, version 3 or 4.
#[derive(Debug, Deserialize)]
pub(crate) struct LockFile {
    #[serde(default)]
    package: Vec<Locked>,
}

/// One locked package.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Locked {
    /// Whether `dependency` means this package. Cargo writes `name`, `name version` or `name version (source)`,
    /// as much as it takes to be clear.
    fn is(&self, dependency: &str) -> bool {
        let mut words = dependency.splitn(3, ' ');
        words.next() == Some(&self.name)
            && words.next().is_none_or(|version| version == self.version)
            && words.next().is_none_or(|source| {
                let source = source.trim_matches(['(', ')']);
                self.source.as_deref() == Some(source)
            })
    }
}

impl LockFile {
    pub(crate) fn read(workspace_root: &Path) -> Result<Self, LockFileError> {
        let path = workspace_root.join("Cargo.lock");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(LockFileError::Absent(path));
            }
            Err(source) => return Err(LockFileError::Read { path, source }),
        };
        toml::from_str(&text).map_err(|source| LockFileError::Parse { path, source })
    }

    /// Every package that the program's crates can reach, in the lock file's own order.
    ///
    /// The lock file does not tell a local crate's test dependencies from the others; its manifest does.
    pub(crate) fn reached_from(&self, crates: &Crates) -> Result<Vec<&Locked>, LockFileError> {
        let mut reached = BTreeSet::new();
        let mut waiting = Vec::new();
        for package in crates.packages.values() {
            let local = self
                .package
                .iter()
                .find(|locked| locked.source.is_none() && locked.name == package.name)
                .ok_or_else(|| LockFileError::Stale(package.name.clone()))?;
            for dependency in package.dependencies() {
                let name = dependency["name"].as_str().unwrap_or_default();
                let mut entries =
                    local.dependencies.iter().filter(|entry| entry.split(' ').next() == Some(name));
                match (entries.next(), dependency["optional"] == true) {
                    (Some(entry), _) => waiting.extend(entries.chain([entry])),
                    (None, true) => (),
                    (None, false) => return Err(LockFileError::Stale(format!("{} -> {name}", package.name))),
                }
            }
        }
        while let Some(dependency) = waiting.pop() {
            let Some(index) = self.package.iter().position(|locked| locked.is(dependency)) else {
                return Err(LockFileError::Stale(dependency.to_owned()));
            };
            if self.package[index].source.is_some() && reached.insert(index) {
                waiting.extend(&self.package[index].dependencies);
            }
        }
        Ok(reached.into_iter().map(|index| &self.package[index]).collect())
    }
}
