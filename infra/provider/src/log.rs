//! The plugin's log file: Pulumi shows neither its standard output nor its standard error once it has started.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// A log longer than this starts anew; the one before is kept as `.old`.
const LONGEST: u64 = 5_000_000;

/// Sends the plugin's own events to the file at `path`, with the process id, because several plugins share it.
/// Events of libraries are left out from `warn` down: a client's could show a header.
///
/// # Errors
///
/// The file cannot be opened.
pub fn start(path: &Path) -> io::Result<()> {
    let file = open(path)?;
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(file);
    let wanted =
        Targets::new().with_default(LevelFilter::WARN).with_target("porch_provider", LevelFilter::DEBUG);
    tracing_subscriber::registry().with(wanted).with(lines).init();
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    tracing::info!(pid = std::process::id(), version = env!("CARGO_PKG_VERSION"), "started");
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if path.metadata().is_ok_and(|found| found.len() > LONGEST) {
        std::fs::rename(path, path.with_extension("log.old"))?;
    }
    // Appending, so that plugins that run at the same time do not overwrite each other.
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_starts_anew_and_the_one_before_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/provider.log");
        open(&path).unwrap().set_len(LONGEST + 1).unwrap();
        assert_eq!(open(&path).unwrap().metadata().unwrap().len(), 0);
        assert!(folder.path().join("logs/provider.log.old").exists());
    }
}
