//! The daemon as it ships, beside that of the dev stack and with the same keys, for as long as it is measured.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::sleep;

use super::Rig;
use crate::amazon_driver::AmazonDriver;
use crate::bell::{Pressed, press_at};
use crate::error::{Error, Result};
use crate::layout::{Layout, remove};
use crate::parts::doorbell::{BELL, Daemon, MEASURED, Pi};
use crate::procfs;

/// The shortest that the settings allow, so that many presses take little time.
const LOCKOUT: Duration = Duration::from_secs(1);
/// A press within the lockout of the one before is nobody's business.
const PAUSE: Duration = Duration::from_millis(1100);

/// The daemon that runs, which ends with this.
pub(super) struct Door {
    layout: Layout,
    amazon: AmazonDriver,
}

/// The daemon that runs `program` with the keys of `pi`, and does nothing but ring through Alexa.
pub(super) fn daemon(program: PathBuf, pi: Pi) -> Daemon {
    Daemon {
        kind: MEASURED,
        program,
        pi,
        lockout: LOCKOUT,
        page: None,
        integrations: String::new(),
        secrets: SecretString::default(),
    }
}

impl Door {
    /// Starts `daemon`, which remembers nothing of an earlier one.
    pub(super) async fn open(rig: &Rig<'_>, daemon: &Daemon) -> Result<Self> {
        let layout = &rig.sandbox.layout;
        MEASURED.end(layout)?;
        remove(&layout.part(MEASURED.slug))?;
        let door = Self { layout: layout.clone(), amazon: AmazonDriver::new()? };
        daemon.part(&rig.sandbox.settings, layout)?.restart(layout).await?;
        Ok(door)
    }

    /// Presses the button, and waits until Alexa's gateway has accepted the event.
    pub(super) async fn press(&self) -> Result<Pressed> {
        sleep(PAUSE).await;
        press_at(&self.layout, &MEASURED, BELL, &self.amazon).await
    }

    /// The memory of the daemon, in 10^6 bytes.
    pub(super) fn resident_mb(&self) -> Result<f64> {
        let ended = || Error::Answer("the daemon ended while it was measured".into());
        let process = MEASURED.process(&self.layout)?.ok_or_else(ended)?;
        procfs::resident_kb(process.pid).map(megabytes).ok_or_else(ended)
    }

    /// The same with that of the children that decode pictures for it.
    pub(super) fn resident_with_children_mb(&self) -> Result<f64> {
        let own = self.resident_mb()?;
        let Some(process) = MEASURED.process(&self.layout)? else { return Ok(own) };
        let name = procfs::program(process.pid);
        let children = procfs::descendants(process.pid).into_iter();
        let children = children.filter(|pid| procfs::program(*pid) == name);
        Ok(own + children.filter_map(procfs::resident_kb).map(megabytes).sum::<f64>())
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // What went wrong before is the one to be told; `cargo xtask down` ends what is left.
        let _ = MEASURED.end(&self.layout);
    }
}

fn megabytes(kb: u64) -> f64 {
    // No machine has so much memory that a number of kB would not be exact as a float.
    kb as f64 * 1.024 / 1e3
}
