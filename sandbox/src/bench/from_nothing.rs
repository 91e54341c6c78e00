//! How long `cargo xtask up` takes where nothing was ever set up.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::figures::{Measured, UP_FROM_NOTHING};
use crate::Sandbox;
use crate::error::{Doing, Result};
use crate::layout::remove;
use crate::progress::Progress;
use crate::run::Run;

/// What a fresh clone takes.
const UNCOMPILED: Duration = Duration::from_secs(480);
/// The same where porch's own programs are compiled.
const COMPILED: Duration = Duration::from_secs(150);
/// What is compiled for the functions' images, in a checkout.
const FUNCTIONS: &str = "target/function";

/// `cargo xtask up` in a clone of the checkout, the sandbox's tools in their cache: once with nothing compiled, of which only
/// the note tells, and once more after everything is forgotten but the programs that run on this machine itself.
///
/// The clone's parts have the ports of this checkout's, which are ended before, and stay so.
///
/// # Errors
/// When git or `up` fails; what runs in the clone is ended all the same.
pub(super) async fn measure(sandbox: &Sandbox, progress: &Progress) -> Result<Measured> {
    sandbox.stop(|_, _| {})?;
    // Memory is what `/tmp` often is, and a clone takes some gigabytes.
    let cache = &sandbox.settings.cache;
    let folder = tempfile::tempdir_in(cache).doing(|| format!("make a folder in {}", cache.display()))?;
    let clone = Clone {
        cargo: sandbox.settings.find("cargo").unwrap_or_else(|| "cargo".into()),
        folder: folder.path().join("porch"),
    };
    let git = sandbox.settings.find("git").unwrap_or_else(|| "git".into());
    let repository = &sandbox.layout.repository;
    Run::new("clone this checkout", git)
        .args(["clone".as_ref(), "--quiet".as_ref(), repository.as_os_str(), clone.folder.as_os_str()])
        .output()
        .await?;
    let measured = clone.measure(progress).await;
    clone.forget().await.and(measured)
}

/// Another checkout of the same commit.
struct Clone {
    cargo: PathBuf,
    folder: PathBuf,
}

impl Clone {
    async fn measure(&self, progress: &Progress) -> Result<Measured> {
        let first = progress.step("up of a fresh clone", Some(UNCOMPILED), self.up()).await?;
        self.forget().await?;
        remove(&self.folder.join(FUNCTIONS))?;
        let took = progress.step("up from nothing", Some(COMPILED), self.up()).await?;
        let note = format!(
            "the sandbox, the stack and its images, with tools in their cache and porch's own programs compiled; a fresh \
             clone takes {:.0} s",
            first.as_secs_f64()
        );
        Ok(UP_FROM_NOTHING.measured(took.as_secs_f64(), 1, note))
    }

    async fn up(&self) -> Result<Duration> {
        let began = Instant::now();
        self.xtask(&["up"]).await?;
        Ok(began.elapsed())
    }

    /// Ends what runs, and forgets all but what is compiled.
    async fn forget(&self) -> Result<()> {
        self.xtask(&["down", "--purge"]).await
    }

    async fn xtask(&self, args: &[&str]) -> Result<()> {
        let run = Run::new(format!("cargo xtask {}", args[0]), &self.cargo).folder(&self.folder);
        run.args(["xtask"]).args(args).output().await.map(drop)
    }
}
