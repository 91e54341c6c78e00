//! cargo-deny, which checks what may enter the build. Only `cargo xtask test` needs it, so `up` does not build it.

use std::path::PathBuf;
use std::time::Duration;

use crate::cache::{Entry, Key};
use crate::error::Result;
use crate::layout::Layout;
use crate::progress::Progress;
use crate::run::Run;
use crate::settings::Settings;

const VERSION: &str = "0.20.2";
const ESTIMATE: Duration = Duration::from_secs(180);

/// The pinned cargo-deny; its own lock file pins what it is built from.
pub struct CargoDeny {
    cargo: PathBuf,
    repository: PathBuf,
    log: PathBuf,
    entry: Entry,
}

impl CargoDeny {
    /// Its place in the cache.
    #[must_use]
    pub fn new(settings: &Settings, layout: &Layout) -> Self {
        Self {
            cargo: settings.find("cargo").unwrap_or_else(|| PathBuf::from("cargo")),
            repository: layout.repository.clone(),
            log: layout.log("build-cargo-deny"),
            entry: Entry::new(&settings.cache, "cargo-deny", &Key::new("cargo-deny 1").with(VERSION)),
        }
    }

    /// Builds it unless it is there, and gives the program.
    ///
    /// # Errors
    /// When it cannot be fetched or built.
    pub async fn set_up(&self, progress: &Progress) -> Result<PathBuf> {
        let program = self.entry.folder.join("bin/cargo-deny");
        if self.entry.is_built() {
            self.entry.used()?;
            return Ok(program);
        }
        let build = self.entry.build(|folder| {
            // Unoptimised: it runs for a second, and is built in half of the time.
            let install = ["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--root"];
            let run = Run::new("build cargo-deny", &self.cargo).args(install).args([&folder]);
            run.env([("CARGO_TARGET_DIR", folder.join("target"))]).folder(&self.repository).logged(&self.log)
        });
        progress.step("build cargo-deny", Some(ESTIMATE), build).await?;
        crate::layout::remove(&self.entry.folder.join("target"))?;
        Ok(program)
    }
}
