//! A program's process group: what is given up takes everything it had started with it.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use crate::interrupt::insisted;

/// A child with its process group, ended when it is dropped before it ended by itself.
pub(super) struct Group {
    pub(super) child: Child,
    id: Option<Pid>,
    pub(super) farewell: Farewell,
}

/// How a program that is given up is ended.
pub(super) enum Farewell {
    /// At once: it is a build or an installer working in a temporary folder.
    Kill,
    /// Asked with SIGINT, and killed only after this time: it has something to put in order.
    Interrupt(Duration),
    /// Left to its own end, and killed only after this time: it takes a moment, and must not be half done.
    Await(Duration),
}

impl Group {
    /// How long a killed process may take: the kernel frees what it has.
    const DYING: Duration = Duration::from_secs(2);

    /// Starts `command`, which must ask for a group of its own.
    pub(super) fn spawn(command: &mut Command) -> std::io::Result<Self> {
        let child = command.spawn()?;
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Self { child, id, farewell: Farewell::Kill })
    }

    /// It ended by itself.
    pub(super) fn ended(&mut self) {
        self.id = None;
    }

    /// Waits for the leader's end, at most for `patience`, and less when the person insists.
    fn ends_within(&mut self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() >= until || insisted() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let patience = match self.farewell {
            Farewell::Kill => Duration::ZERO,
            Farewell::Interrupt(patience) => {
                let _ = kill_process_group(id, Signal::INT);
                patience
            }
            Farewell::Await(patience) => patience,
        };
        if !patience.is_zero() && self.ends_within(patience) {
            return;
        }
        let _ = kill_process_group(id, Signal::KILL);
        // It may hold files that whoever comes next wants to have for itself.
        self.ends_within(Self::DYING);
    }
}
