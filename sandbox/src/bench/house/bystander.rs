//! Somebody in the house whom a `[[command]]` tells of a press, by a pipe.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{CWD, Mode, mkfifoat};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::time::timeout;

use crate::bell::now_ns;
use crate::error::{Doing, Error, Result};
use crate::layout::{Layout, remove};

const PATIENCE: Duration = Duration::from_secs(10);

/// Listens at the pipe.
pub(super) struct Bystander {
    pipe: PathBuf,
    heard: pipe::Receiver,
}

impl Bystander {
    /// Makes the pipe.
    pub(super) fn new(layout: &Layout) -> Result<Self> {
        let pipe = layout.state.join("run/bystander");
        let doing = || format!("listen at {}", pipe.display());
        remove(&pipe)?;
        mkfifoat(CWD, &pipe, Mode::RUSR | Mode::WUSR).map_err(Into::into).doing(doing)?;
        // Written to as well, so that it has no end when a command does.
        let heard = pipe::OpenOptions::new().read_write(true).open_receiver(&pipe).doing(doing)?;
        Ok(Self { pipe, heard })
    }

    /// Where commands are to write a line.
    pub(super) fn pipe(&self) -> &Path {
        &self.pipe
    }

    /// When the next line came: a reading of the monotonic clock, in nanoseconds.
    pub(super) async fn told(&mut self) -> Result<u128> {
        let mut line = [0; 1];
        let heard = timeout(PATIENCE, self.heard.read_exact(&mut line)).await;
        let at = now_ns();
        let nobody = |_| Error::Answer("no command was run at a press".into());
        heard.map_err(nobody)?.doing(|| "listen to a command".into())?;
        Ok(at)
    }
}
