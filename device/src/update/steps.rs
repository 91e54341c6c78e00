//! The steps of an update, each of which may be the last one before the power fails.

use package::{Architecture, Version};

use super::decide::{Decision, How, decide};
use super::error::UpdateError;
use super::machine::{Installed, Machine, ProgramError};
use super::outcome::Outcome;
use super::published::Published;
use super::shelf::{Failed, Going, Shelf, State};

/// How often dpkg is asked to install something.
const TRIES: usize = 3;

/// Brings a machine up to date.
#[derive(Debug)]
pub struct Updater<'a, M> {
    /// What is brought up to date.
    pub machine: &'a M,
    /// By what.
    pub published: &'a Published,
    /// Where packages are kept.
    pub shelf: Shelf,
}

impl<M: Machine> Updater<'_, M> {
    /// Installs what is newer, or finishes an update that was ended in between.
    ///
    /// # Errors
    /// When the machine is not up to date afterwards.
    pub async fn update(&self, how: How) -> Result<Outcome, UpdateError> {
        // Who changes nothing needs no lock.
        let _lock = if how.dry_run { None } else { Some(self.shelf.lock()?) };
        let state = self.shelf.state()?;
        match state.going.clone() {
            Some(going) if how.dry_run => Ok(Outcome::WouldFinish { to: going.to }),
            Some(going) => self.carry_out(going, state).await,
            None => self.look(state, how).await,
        }
    }

    async fn look(&self, state: State, how: How) -> Result<Outcome, UpdateError> {
        let mut package = self.machine.package().await?;
        if package == Installed::Unfinished && !how.dry_run {
            self.machine.configure().await?;
            package = self.machine.package().await?;
        }
        let (installed, architecture) = package.whole()?;
        let manifest = self.published.latest(architecture).await?;
        let file = self.shelf.file(&installed, architecture);
        let is_kept = file.exists();
        let to = manifest.version.clone();
        match decide(&manifest, &installed, state.failed.as_ref(), is_kept, how) {
            Decision::UpToDate => return Ok(Outcome::UpToDate(installed)),
            Decision::Older => return Ok(Outcome::Older { installed, published: to }),
            Decision::FailedBefore(Failed { version, why }) => {
                return Err(UpdateError::FailedBefore { version, why });
            }
            Decision::NoWayBack => return Err(UpdateError::NoWayBack { installed, file }),
            Decision::Install if how.dry_run => {
                return Ok(Outcome::WouldUpdate { from: installed, to, size: manifest.size });
            }
            Decision::Install => {}
        }
        let package = self.published.package(&manifest).await?;
        self.shelf.put(&to, architecture, &package)?;
        let going = Going { from: installed, to, architecture, is_kept, back: None };
        self.carry_out(going, state).await
    }

    /// Does what is to be done, from wherever it was left: every step may be done twice.
    async fn carry_out(&self, mut going: Going, mut state: State) -> Result<Outcome, UpdateError> {
        let architecture = going.architecture;
        if going.back.is_none() {
            state.going = Some(going.clone());
            self.shelf.write(&state)?;
            match self.run_with(&going.to, architecture).await {
                Ok(()) => {
                    self.shelf.write(&State::default())?;
                    self.shelf.keep_only(&going.to, architecture)?;
                    return Ok(Outcome::Updated { from: going.from, to: going.to });
                }
                Err(error) => going.back = Some(error.to_string()),
            }
        }
        self.go_back(going, state).await
    }

    async fn go_back(&self, going: Going, mut state: State) -> Result<Outcome, UpdateError> {
        state.going = Some(going.clone());
        self.shelf.write(&state)?;
        let Going { from, to, architecture, is_kept, back } = going;
        let why = back.unwrap_or_default();
        let is_done =
            if is_kept { self.run_with(&from, architecture).await.map(|()| true) } else { Ok(false) };
        // What is to be put back is still written down, so that the next update tries that again.
        let is_back = match is_done {
            Ok(is_back) => is_back,
            Err(error) => return Err(UpdateError::NotBack { from, to, why, then: error.to_string() }),
        };
        let failed = Failed { version: to.clone(), why: why.clone() };
        self.shelf.write(&State { going: None, failed: Some(failed) })?;
        if !is_back {
            return Err(UpdateError::Stuck { to, why });
        }
        self.shelf.keep_only(&from, architecture)?;
        Err(UpdateError::PutBack { from, to, why })
    }

    /// Has `version` installed, and the daemon running with it.
    async fn run_with(&self, version: &Version, architecture: Architecture) -> Result<(), ProgramError> {
        self.install(version, architecture).await?;
        self.machine.restart().await
    }

    async fn install(&self, version: &Version, architecture: Architecture) -> Result<(), ProgramError> {
        let wanted = Installed::Whole(version.clone(), architecture);
        let file = self.shelf.file(version, architecture);
        let mut last = Ok(());
        for attempt in 0..TRIES {
            if self.has(&wanted).await {
                return Ok(());
            }
            if attempt > 0 {
                self.machine.pause().await;
            }
            last = self.machine.install(&file).await;
            if last.is_err() && !self.has(&wanted).await {
                // It may be unpacked, and lack no more than that.
                let _ = self.machine.configure().await;
            }
        }
        if self.has(&wanted).await { Ok(()) } else { Err(not_installed(last, version)) }
    }

    async fn has(&self, wanted: &Installed) -> bool {
        self.machine.package().await.is_ok_and(|package| package == *wanted)
    }
}

fn not_installed(last: Result<(), ProgramError>, version: &Version) -> ProgramError {
    let why = format!("it ended well, but {version} is not installed");
    last.err().unwrap_or(ProgramError { what: "dpkg --install".to_owned(), why })
}
