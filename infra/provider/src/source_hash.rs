//! One hash over everything that something is built from: what a preview compares, so that it need not build.
//!
//! In it: the program's crate and its path dependencies (every file but hidden ones and `target`), what the workspace
//! adds to them (inherited dependency settings, the profile, `.cargo/config.toml` less its aliases), the exact packages
//! of `Cargo.lock` that the program can reach, and what the resource says besides: the tailscaled module, versions of
//! compilers, the architecture, the builder's own recipe. Not in it: anything else of the workspace, and where the
//! checkout is. A file that a crate reads from outside its own folder is not seen.

use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::crates::{Crates, CratesError, Package};
use crate::hex::hex;
use crate::lock_file::{LockFile, LockFileError};

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceHashError {
    #[error(transparent)]
    Crates(#[from] CratesError),
    #[error(transparent)]
    LockFile(#[from] LockFileError),
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is not TOML: {source}", path.display())]
    Toml { path: PathBuf, source: toml::de::Error },
    #[error("the sources could not be gathered: {0}")]
    Gather(serde_json::Error),
}

/// What something is made of.
pub(crate) struct Sources<'a> {
    pub(crate) crates: &'a Crates,
    /// The profile that it is built with, and those that this one inherits.
    pub(crate) profiles: &'a [&'a str],
    /// What else decides what comes out, by a name for each.
    pub(crate) settings: &'a [(&'a str, &'a str)],
    /// Folder of the tailscaled module, when that is a part of it.
    pub(crate) tailscaled: Option<&'a Path>,
}

impl Sources<'_> {
    /// The hash, as 64 hexadecimal digits.
    pub(crate) fn hash(&self) -> Result<String, SourceHashError> {
        let crates = self.crates;
        crates.binary()?;
        let mut hash = Hash::default();
        for (name, setting) in self.settings {
            hash.text(name, setting);
        }
        hash.workspace(&crates.workspace_root, self.profiles)?;
        let lock = LockFile::read(&crates.workspace_root)?;
        hash.json("locked", &lock.reached_from(crates)?)?;
        // By name, because folders differ between checkouts.
        let mut packages: Vec<&Package> = crates.packages.values().collect();
        packages.sort_by(|one, other| one.name.cmp(&other.name));
        for package in packages {
            hash.package(package)?;
        }
        if let Some(module) = self.tailscaled {
            hash.folder("tailscaled", module)?;
        }
        Ok(hash.finish())
    }
}

/// A hash of labelled parts; every part's length is hashed with it, so that no two lists of parts look alike.
#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    fn bytes(&mut self, label: &str, bytes: &[u8]) {
        for part in [label.as_bytes(), bytes] {
            self.0.update(part.len().to_le_bytes());
            self.0.update(part);
        }
    }

    fn text(&mut self, label: &str, text: &str) {
        self.bytes(label, text.as_bytes());
    }

    fn json(&mut self, label: &str, value: &impl Serialize) -> Result<(), SourceHashError> {
        self.bytes(label, &serde_json::to_vec(value).map_err(SourceHashError::Gather)?);
        Ok(())
    }

    /// What the workspace as a whole adds to each of its crates.
    fn workspace(&mut self, root: &Path, profiles: &[&str]) -> Result<(), SourceHashError> {
        let manifest = table(&root.join("Cargo.toml"))?;
        for name in profiles {
            let profile = manifest.get("profile").and_then(|all| all.get(*name));
            self.json("profile", &profile)?;
        }
        self.json("patch", &manifest.get("patch"))?;
        self.json("resolver", &manifest.get("workspace").and_then(|workspace| workspace.get("resolver")))?;
        let config = root.join(".cargo/config.toml");
        if config.exists() {
            let mut config = table(&config)?;
            config.remove("alias");
            self.json("config", &config)?;
        }
        Ok(())
    }

    fn package(&mut self, package: &Package) -> Result<(), SourceHashError> {
        self.text("package", &package.name);
        self.text("version", &package.version);
        self.text("edition", &package.edition);
        for dependency in package.dependencies() {
            let mut dependency = dependency.clone();
            if let Some(fields) = dependency.as_object_mut() {
                fields.remove("path");
            }
            self.json("dependency", &dependency)?;
        }
        self.folder(&package.name, package.folder())
    }

    /// Every file under `folder`, by its path in it. Hidden files, `target` and other packages are left out.
    fn folder(&mut self, label: &str, folder: &Path) -> Result<(), SourceHashError> {
        let mut files = Vec::new();
        gather(folder, &mut files)?;
        files.sort();
        self.bytes("folder", &files.len().to_le_bytes());
        for file in files {
            let within = file.strip_prefix(folder).unwrap_or(&file);
            self.bytes(label, within.as_os_str().as_encoded_bytes());
            let contents = std::fs::read(&file);
            self.bytes("file", &contents.map_err(|source| SourceHashError::Read { path: file, source })?);
        }
        Ok(())
    }

    fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), SourceHashError> {
    let unreadable = |source| SourceHashError::Read { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (name, path) = (entry.file_name(), entry.path());
        if name.as_encoded_bytes().starts_with(b".") || name == "target" {
            continue;
        }
        // A link to a file counts as the file; a link to a folder could lead anywhere, even round in a circle.
        if entry.file_type().map_err(unreadable)?.is_dir() {
            if !path.join("Cargo.toml").exists() {
                gather(&path, files)?;
            }
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn table(path: &Path) -> Result<toml::Table, SourceHashError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| SourceHashError::Read { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|source| SourceHashError::Toml { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
