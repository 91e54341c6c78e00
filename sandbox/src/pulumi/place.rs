//! A stack wherever it is: in the sandbox, or in a person's account.

use super::stack::Outputs;
use crate::error::{Error, Result};
use crate::exports::config_file;
use crate::run::Run;
use crate::{DEV, Sandbox};

/// Where a stack is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The sandbox.
    Sandbox,
    /// An AWS account.
    Account,
}

impl Sandbox {
    /// Where the stack `name` is deployed.
    #[must_use]
    pub fn place_of(&self, name: &str) -> Place {
        let is_ours = name == DEV || config_file(&self.layout, name).exists();
        if is_ours { Place::Sandbox } else { Place::Account }
    }

    /// What the stack gives out: one of the sandbox's through the sandbox's Pulumi, any other through the person's own.
    pub(crate) async fn outputs_of(&self, name: &str, place: Place) -> Result<Outputs> {
        match place {
            Place::Sandbox => self.stack(name).outputs().await,
            Place::Account => self.outputs_of_account(name, &[]).await,
        }
    }

    /// The same, those that are secret in clear.
    pub(crate) async fn secret_outputs_of(&self, name: &str, place: Place) -> Result<Outputs> {
        match place {
            Place::Sandbox => self.stack(name).secret_outputs().await,
            Place::Account => self.outputs_of_account(name, &["--show-secrets"]).await,
        }
    }

    async fn outputs_of_account(&self, name: &str, more: &[&str]) -> Result<Outputs> {
        let run = self.pulumi_of_account("pulumi stack output")?;
        let run = run.args(["stack", "output", "--json", "--stack", name]).args(more);
        serde_json::from_str(&run.output().await?.stdout)
            .map_err(|error| Error::Answer(format!("pulumi stack output printed no JSON: {error}")))
    }

    /// The person's own Pulumi in the project's folder, to do `what`.
    pub(crate) fn pulumi_of_account(&self, what: &str) -> Result<Run> {
        let pulumi = self.settings.find("pulumi");
        let pulumi = pulumi.ok_or_else(|| {
            Error::Answer("pulumi is not on your PATH (https://www.pulumi.com/docs/install/)".into())
        })?;
        Ok(Run::new(what, pulumi).folder(&self.layout.repository).args(["--non-interactive"]))
    }
}
