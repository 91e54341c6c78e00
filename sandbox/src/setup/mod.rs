//! Sets up a stack in a person's own accounts: asks for what only a person can get, tries each answer at once by using
//! it, and stores it in the stack's config, where nobody has to be asked for it again.
//!
//! ```text
//! Known ── Step::next ──> Ask(Question) ── Console ──> answer ── Question::read ──> Change ── Config ──> Pulumi
//!   ^                └──> Try(Check) ── Checks ──> AWS, Amazon, Tailscale, Home Assistant        │
//!   └────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! What comes next follows from what the config has, and from nothing else: a set-up that was interrupted goes on where
//! it was. The rules for answers are those of `infra`, which reads the config later.

mod change;
mod check;
mod config;
mod consent;
mod console;
mod door;
mod file;
mod known;
mod question;
mod services;
#[cfg(test)]
mod tests;
mod trial;
mod unattended;
mod walk;
mod words;

use std::path::Path;

use infra::config::StackConfig;
use infra::values::StackName;
use secrecy::ExposeSecret;

pub use change::Change;
pub use check::{Check, Checks, Profile, Step, Trouble, Vendor};
pub use config::{Config, Pulumi};
pub use console::{Console, Terminal};
pub use file::{Answers, Mistake};
pub use known::{Known, Text};
pub use question::Question;
pub use services::Services;
pub use unattended::set_up as set_up_from;
pub use walk::walk;

use crate::error::{Error, Result};
use crate::{DEV, Sandbox};

impl Sandbox {
    /// Sets up the stack `name`, asking the person at the terminal, or nobody if there is a file with answers; and gives
    /// what is left to do.
    ///
    /// # Errors
    /// When something is not as it should be that no other answer puts right.
    pub async fn set_up(&self, name: &str, answers: Option<&Path>) -> Result<String> {
        if name == DEV {
            let why = "is the sandbox's own stack: name yours otherwise, like prod";
            return Err(Error::Answer(format!("{DEV} {why}")));
        }
        StackName::parse(name).map_err(|expected| {
            Error::Answer(format!("{name} is no name of a stack: expected {expected}"))
        })?;
        let mut config = Pulumi::of_person(&self.settings, name)?;
        let services = Services::default();
        let (known, told) = match answers {
            Some(file) => set_up_from(Answers::read(file)?, &mut config, &services).await?,
            None => (walk(&mut Terminal::open()?, &mut config, &services).await?, Vec::new()),
        };
        look_over(name, &mut config).await?;
        let told: String = told.iter().map(|line| format!("{line}\n")).collect();
        Ok(format!("{told}{}\n", words::after(name, &known)))
    }
}

/// Has the config read as `pulumi up` will, with all that was in it before.
///
/// # Errors
/// All that `pulumi up` would refuse.
pub async fn look_over(name: &str, config: &mut impl Config) -> Result<()> {
    let listing = config.open().await?;
    let config = StackConfig::from_listing(name, listing.expose_secret());
    let config = config.map_err(|error| Error::Answer(error.to_string()))?;
    infra::settings::Settings::read(&config).map(drop).map_err(|wrong| Error::Answer(wrong.to_string()))
}
