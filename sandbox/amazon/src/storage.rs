//! The world as a file, so that a restarted fake knows the tokens that its clients keep.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::world::World;

/// Where the world is kept.
#[derive(Debug)]
pub struct Storage {
    file: PathBuf,
    written: Vec<u8>,
}

/// Why the world cannot be kept or remembered.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file is not what [`Storage::keep`] wrote.
    #[error("{} is not a world of this fake: {source}; remove it to begin anew", .file.display())]
    NoWorld {
        /// The file.
        file: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The file cannot be read or written.
    #[error("cannot {doing} {}: {source}", .file.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Storage {
    /// The world in `folder`, or a new one with this seed when there is none yet.
    ///
    /// # Errors
    /// When the file is there and cannot be used: to begin anew would forget what the clients were promised.
    pub fn open(folder: &Path, seed: [u8; 16]) -> Result<(Self, World), StorageError> {
        let file = folder.join("world.json");
        let written = match fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((Self { file, written: Vec::new() }, World::new(seed)));
            }
            Err(source) => return Err(StorageError::Io { doing: "read", file, source }),
        };
        match serde_json::from_slice(&written) {
            Ok(world) => Ok((Self { file, written }, world)),
            Err(source) => Err(StorageError::NoWorld { file, source }),
        }
    }

    /// Writes the world down, whole or not at all, unless it is as it was.
    ///
    /// # Errors
    /// When it cannot be written; the file is as it was.
    pub fn keep(&mut self, world: &World) -> Result<(), StorageError> {
        let io = |doing, source| StorageError::Io { doing, file: self.file.clone(), source };
        let text = serde_json::to_vec(world).map_err(|error| io("write", error.into()))?;
        if text == self.written {
            return Ok(());
        }
        let folder = self.file.parent().unwrap_or(Path::new("."));
        // Only its owner may read a temporary file, and it keeps that when it gets its name.
        let mut temporary =
            tempfile::NamedTempFile::new_in(folder).map_err(|error| io("write beside", error))?;
        temporary.write_all(&text).map_err(|error| io("write beside", error))?;
        temporary.persist(&self.file).map_err(|error| io("write", error.error))?;
        self.written = text;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::host::Region;

    #[test]
    fn a_world_is_remembered_and_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let (mut storage, mut world) = Storage::open(folder.path(), [1; 16]).unwrap();
        world.customer("Ann", Region::Eu);
        storage.keep(&world).unwrap();
        storage.keep(&world).unwrap();
        let (_, remembered) = Storage::open(folder.path(), [2; 16]).unwrap();
        assert_eq!(remembered, world);
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_no_world_is_told_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("world.json"), "{}").unwrap();
        let error = Storage::open(folder.path(), [1; 16]).unwrap_err().to_string();
        assert!(error.contains("remove it to begin anew"), "{error}");
        assert_eq!(fs::read(folder.path().join("world.json")).unwrap(), b"{}");
    }
}
