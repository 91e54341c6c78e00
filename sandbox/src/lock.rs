//! One command at a time changes a sandbox.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;

use crate::error::{Doing, Error, Result};

/// Held for as long as it lives; the kernel frees it when its process ends, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, and writes this process's id into it for others to read.
    ///
    /// # Errors
    /// [`Error::Busy`] when another process has it.
    pub fn take(path: &Path) -> Result<Self> {
        let what = || format!("lock {}", path.display());
        // Not cut at opening: until the lock is taken, it tells who has it.
        let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path);
        let mut file = open.doing(what)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = std::fs::read_to_string(path).unwrap_or_default().trim().to_string();
                return Err(Error::Busy { pid });
            }
            Err(TryLockError::Error(source)) => return Err(source).doing(what),
        }
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).doing(what)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path).unwrap();
        let error = Lock::take(&path).unwrap_err();
        assert!(matches!(&error, Error::Busy { pid } if *pid == std::process::id().to_string()), "{error}");
        drop(first);
        assert!(Lock::take(&path).is_ok());
    }
}
