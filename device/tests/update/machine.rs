//! A machine that is played: dpkg and the service manager, with every fault that they have.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::future::pending;
use std::path::Path;

use device::update::{Installed, Machine, ProgramError, UpdateError};
use package::{Architecture, Version};
use tokio::sync::Notify;

/// How dpkg fails once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Another one has its lock; nothing is changed.
    Locked,
    /// It unpacks and no more, until it is told to configure.
    Unconfigured,
    /// It breaks off, and cannot go on.
    Broken,
}

#[derive(Debug)]
pub(crate) struct FakeMachine {
    state: RefCell<State>,
    /// Tells whoever waits that the process is killed.
    pub(crate) killed: Notify,
}

#[derive(Debug)]
struct State {
    installed: Installed,
    /// What is unpacked but not configured.
    unpacked: Option<Version>,
    /// With what the daemon runs.
    running: Option<Version>,
    /// With what it does not become ready.
    bad: Vec<Version>,
    faults: VecDeque<Fault>,
    calls: Vec<&'static str>,
    kill_at: Option<usize>,
}

impl FakeMachine {
    /// A machine with `version`, whose daemon runs.
    pub(crate) fn with(version: &Version) -> Self {
        let state = State {
            installed: Installed::Whole(version.clone(), Architecture::Arm64),
            unpacked: None,
            running: Some(version.clone()),
            bad: Vec::new(),
            faults: VecDeque::new(),
            calls: Vec::new(),
            kill_at: None,
        };
        Self { state: RefCell::new(state), killed: Notify::new() }
    }

    pub(crate) fn has(&self, installed: Installed) {
        self.state.borrow_mut().installed = installed;
    }

    /// Has the daemon not run with `version`.
    pub(crate) fn breaks_with(&self, version: &Version) {
        self.state.borrow_mut().bad.push(version.clone());
    }

    pub(crate) fn mends(&self) {
        self.state.borrow_mut().bad.clear();
    }

    /// Has dpkg fail so, one time after the other.
    pub(crate) fn fail(&self, faults: &[Fault]) {
        self.state.borrow_mut().faults.extend(faults);
    }

    /// Kills the process in its call number `at`, from 1 on.
    pub(crate) fn kill_at(&self, at: Option<usize>) {
        let mut state = self.state.borrow_mut();
        state.kill_at = at;
        state.calls.clear();
    }

    /// What is installed, if it is whole, and with what the daemon runs.
    pub(crate) fn now(&self) -> (Option<Version>, Option<Version>) {
        let state = self.state.borrow();
        let installed = match &state.installed {
            Installed::Whole(version, _) => Some(version.clone()),
            Installed::Absent | Installed::Unfinished => None,
        };
        (installed, state.running.clone())
    }

    /// What changed something, or would have.
    pub(crate) fn changes(&self) -> Vec<&'static str> {
        self.state.borrow().calls.iter().copied().filter(|call| *call != "package").collect()
    }

    async fn call(&self, call: &'static str) {
        let is_last = {
            let mut state = self.state.borrow_mut();
            state.calls.push(call);
            state.kill_at == Some(state.calls.len())
        };
        if is_last {
            if call == "install" {
                // The worst that there is: neither the former nor the next.
                let mut state = self.state.borrow_mut();
                state.installed = Installed::Unfinished;
                state.unpacked = None;
            }
            self.killed.notify_one();
            pending::<()>().await;
        }
    }
}

fn failure(what: &str, why: &str) -> ProgramError {
    ProgramError { what: what.to_owned(), why: why.to_owned() }
}

impl Machine for FakeMachine {
    async fn package(&self) -> Result<Installed, UpdateError> {
        self.call("package").await;
        Ok(self.state.borrow().installed.clone())
    }

    async fn install(&self, file: &Path) -> Result<(), ProgramError> {
        self.call("install").await;
        let mut state = self.state.borrow_mut();
        let refused = |why: &str| Err(failure("dpkg --install", why));
        let fault = state.faults.pop_front();
        if fault == Some(Fault::Locked) {
            return refused("dpkg frontend lock was locked by another process");
        }
        // A package that is played consists of its version.
        let Ok(version) = fs::read_to_string(file) else { return refused("there is no such file") };
        let version = Version::try_from(version).expect("a whole package");
        match fault {
            None => {
                state.installed = Installed::Whole(version, Architecture::Arm64);
                Ok(())
            }
            Some(fault) => {
                state.installed = Installed::Unfinished;
                state.unpacked = Some(version).filter(|_| fault == Fault::Unconfigured);
                refused("dependency problems prevent configuration")
            }
        }
    }

    async fn configure(&self) -> Result<(), ProgramError> {
        self.call("configure").await;
        let mut state = self.state.borrow_mut();
        match state.unpacked.take() {
            Some(version) => {
                state.installed = Installed::Whole(version, Architecture::Arm64);
                Ok(())
            }
            None => Err(failure("dpkg --configure", "it is in a very bad inconsistent state")),
        }
    }

    async fn pause(&self) {}

    async fn restart(&self) -> Result<(), ProgramError> {
        self.call("restart").await;
        let mut state = self.state.borrow_mut();
        let Installed::Whole(version, _) = state.installed.clone() else { panic!("{state:?}") };
        let is_good = !state.bad.contains(&version);
        state.running = Some(version).filter(|_| is_good);
        let why = "exit status: 1; it said: Job for porch-doorbell.service failed";
        if is_good { Ok(()) } else { Err(failure("systemctl restart", why)) }
    }
}
