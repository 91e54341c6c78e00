//! What went wrong, told so that the person at the terminal knows what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Everything that can end a command of the sandbox.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine lacks something; each lack is one line that names its way out.
    #[error("this machine is not ready\n{}", bullets(.0))]
    Machine(Vec<String>),
    /// A command needs what `up` prepares.
    #[error("the sandbox is not set up here; run `cargo xtask up` first")]
    NotSetUp,
    /// Another command is changing the same sandbox.
    #[error("another `cargo xtask` (pid {pid}) is working on this sandbox; let it end first")]
    Busy {
        /// Process id of the other command, as it wrote it into the lock file.
        pid: String,
    },
    /// Ctrl-C or SIGTERM arrived.
    #[error("interrupted; what was half done is undone, and the same command goes on from here")]
    Interrupted,
    /// A program that was run to its end failed.
    #[error("{what} failed: {cause}{}", context(.last, .log.as_deref(), .hint.as_deref()))]
    Program {
        /// What it was to do, like `build headscale`.
        what: String,
        /// Exit status, or why it could not be started.
        cause: String,
        /// Last lines of its output.
        last: Vec<String>,
        /// Where its whole output is.
        log: Option<PathBuf>,
        /// What usually helps.
        hint: Option<String>,
    },
    /// A part that keeps running did not become ready, or ended by itself.
    #[error("{part} did not start: {cause}{}", context(.last, Some(.log), None))]
    Part {
        /// The part's name, like `headscale`.
        part: &'static str,
        /// What was waited for, or how it ended.
        cause: String,
        /// Last lines of its log.
        last: Vec<String>,
        /// Its log file.
        log: PathBuf,
    },
    /// A file or a socket refused.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried, with the path.
        what: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A running part answered something else than it should.
    #[error("{0}")]
    Answer(String),
}

/// `Result` with the sandbox's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Names what an I/O operation was for.
pub trait Doing<T> {
    /// Turns the system's error into one that says what was tried, like `write /x/y`.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Io { what: what(), source })
    }
}

fn bullets(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  - {line}")).collect::<Vec<_>>().join("\n")
}

fn context(last: &[String], log: Option<&Path>, hint: Option<&str>) -> String {
    let mut text = String::new();
    for line in last {
        text += &format!("\n  | {line}");
    }
    if let Some(hint) = hint {
        text += &format!("\n  {hint}");
    }
    if let Some(log) = log {
        text += &format!("\n  whole log: {}", log.display());
    }
    text
}
