//! `cargo xtask down`: end what `up` started.

use sandbox::layout::remove;
use sandbox::{Result, Sandbox};

use super::print;

/// What `down` is to end.
#[derive(Debug, clap::Args)]
pub(crate) struct Down {
    /// Forget all data too: Home Assistant's, the emulator's, the tailnet's, the stacks' states. Built tools are kept
    #[arg(long)]
    purge: bool,
}

impl Down {
    pub(crate) fn run(self, sandbox: &Sandbox) -> Result<u8> {
        if !sandbox.layout.state.exists() {
            print("Nothing was set up here.\n")?;
            return Ok(0);
        }
        let lock = sandbox.lock()?;
        let mut told = Ok(());
        let mut count = 0;
        sandbox.stop(|part, pid| {
            count += 1;
            let line = print(format!("  ended  {} (process {pid})\n", part.title));
            if told.is_ok() {
                told = line;
            }
        })?;
        told?;
        if count == 0 {
            print("Nothing was running.\n")?;
        }
        if self.purge {
            let state = &sandbox.layout.state;
            remove(state)?;
            print(format!("  removed {}\n", state.display()))?;
        }
        drop(lock);
        Ok(0)
    }
}
