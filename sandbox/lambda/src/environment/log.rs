//! A function's log file. Its environments write to it directly, so what they wrote before they answered is there
//! when they answer.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::number::Number;

/// A file larger than this is put aside when the next environment starts.
const LARGEST: u64 = 16 << 20;

/// The log of one function's environments of one number.
#[derive(Clone, Debug)]
pub struct FunctionLog {
    path: PathBuf,
}

impl FunctionLog {
    /// The log of the function of this (checked) name. The first environment's bears the name alone.
    pub fn new(state: &Path, function: &str, number: Number) -> Self {
        let file =
            if number == Number::default() { function.to_owned() } else { format!("{function}.{number}") };
        Self { path: state.join("logs").join(format!("{file}.log")) }
    }

    /// Opens it for an environment to write to, at its end. One older file is kept, as `.log.1`.
    pub fn open(&self) -> io::Result<File> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        if fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() > LARGEST) {
            fs::rename(&self.path, self.path.with_extension("log.1"))?;
        }
        // A function may log what it should not: nobody else reads it.
        OpenOptions::new().create(true).append(true).mode(0o600).open(&self.path)
    }

    /// Where the next line goes.
    pub fn end(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    /// The last bytes, at most `limit`, of what was written since `start`.
    pub fn tail(&self, start: u64, limit: u64) -> Vec<u8> {
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&self.path)?;
            let end = file.metadata()?.len();
            file.seek(SeekFrom::Start(start.max(end.saturating_sub(limit))))?;
            let mut bytes = Vec::new();
            file.take(limit).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        // A log that cannot be read is no reason to keep back the function's answer.
        read().unwrap_or_default()
    }

    /// Adds a line of the runner's own.
    pub fn note(&self, line: &str) {
        let written = self.open().and_then(|mut file| writeln!(file, "{line}"));
        if let Err(error) = written {
            tracing::warn!(path = %self.path.display(), %error, "cannot write a function's log");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_what_was_written_since_at_most_so_much() {
        let state = tempfile::tempdir().unwrap();
        let log = FunctionLog::new(state.path(), "bridge", Number::default());
        assert_eq!((log.end(), log.tail(0, 10)), (0, Vec::new()));
        log.note("one");
        let start = log.end();
        log.note("two");
        assert_eq!(log.tail(start, 100), b"two\n");
        assert_eq!(log.tail(start, 3), b"wo\n");
        assert_eq!(log.tail(log.end(), 100), b"");
    }

    #[test]
    fn a_large_log_is_put_aside() {
        let state = tempfile::tempdir().unwrap();
        let log = FunctionLog::new(state.path(), "bridge", Number::default());
        log.open().unwrap().set_len(LARGEST + 1).unwrap();
        log.note("new");
        assert_eq!(log.tail(0, 100), b"new\n");
        assert!(state.path().join("logs/bridge.log.1").is_file());
    }
}
