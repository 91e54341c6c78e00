//! What `cargo xtask preview` does: asks Pulumi what an `up` would change, of one stack or of all, and tells it as a
//! comment for a pull request.

mod comment;
mod digest;
mod path;

use std::fs;
use std::time::Duration;

use crate::error::{Doing, Error, Result};
use crate::exports::config_file;
use crate::pulumi::Place;
use crate::run::{Run, last_lines};
use crate::{DEV, Sandbox};
pub use comment::{LIMIT, MARKER, comment};
pub use digest::Digest;

/// A preview takes seconds, minutes where what it builds itself of is not compiled yet.
const TIME_LIMIT: Duration = Duration::from_secs(20 * 60);

/// How many lines of what Pulumi said last are told when it did not say it in its own form.
const LINES: usize = 20;

/// One stack's preview.
#[derive(Debug)]
pub struct Report {
    /// The stack.
    pub stack: String,
    /// What Pulumi would do, as far as it came.
    pub digest: Digest,
    /// Why there is no more of it.
    pub failure: Option<String>,
}

impl Sandbox {
    /// The stacks of the checkout: each that has a `Pulumi.STACK.yaml`, in the order of their names. The sandbox's own
    /// is among them where it is set up.
    ///
    /// # Errors
    /// When the checkout's folder cannot be read.
    pub fn stacks(&self) -> Result<Vec<String>> {
        let folder = &self.layout.repository;
        let entries = fs::read_dir(folder).doing(|| format!("read {}", folder.display()))?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let stacks = names.filter_map(|name| {
            Some(name.strip_prefix("Pulumi.")?.strip_suffix(".yaml")?.to_string())
                .filter(|name| !name.is_empty())
        });
        let is_there = |stack: &String| stack != DEV || config_file(&self.layout, DEV).exists();
        let mut stacks: Vec<String> = stacks.filter(is_there).collect();
        stacks.sort();
        Ok(stacks)
    }

    /// Previews a stack; with `refresh` compared with what is in AWS, else with the state. However it goes, it is told in
    /// the report.
    pub async fn preview(&self, stack: &str, refresh: bool) -> Report {
        let mut report = Report { stack: stack.into(), digest: Digest::default(), failure: None };
        let asked = async {
            let run = self.preview_run(stack, refresh)?.args(["--json"]);
            let waited = tokio::time::timeout(TIME_LIMIT, run.finish()).await;
            waited.map_err(|_| Error::Answer(format!("pulumi preview took more than {TIME_LIMIT:?}")))?
        };
        match asked.await {
            Err(error) => report.failure = Some(error.to_string()),
            Ok(output) => {
                let read = Digest::read(&output.stdout);
                if !output.status.success() || read.is_none() {
                    let told = if output.stderr.trim().is_empty() { &output.stdout } else { &output.stderr };
                    report.failure = Some(last_lines(told, LINES).join("\n"));
                }
                report.digest = read.unwrap_or_default();
            }
        }
        report
    }

    /// `pulumi preview` of a stack, ready to be run: one of the sandbox's through the sandbox's Pulumi, any other
    /// through the person's own.
    ///
    /// # Errors
    /// When the sandbox is not set up, or there is no Pulumi.
    pub fn preview_run(&self, stack: &str, refresh: bool) -> Result<Run> {
        let run = match self.place_of(stack) {
            Place::Sandbox if !config_file(&self.layout, stack).exists() => return Err(Error::NotSetUp),
            Place::Sandbox => self.stack(stack).pulumi(["preview"]),
            Place::Account => self.pulumi_of_account("pulumi preview")?.args(["preview", "--stack", stack]),
        };
        Ok(run.args(refresh.then_some("--refresh")))
    }
}

#[cfg(test)]
mod tests;
