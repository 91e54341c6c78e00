//! `cargo xtask setup`: a stack in a person's own accounts, step by step.

use std::path::PathBuf;

use sandbox::interrupt::unless_interrupted;
use sandbox::{Result, Sandbox};

use super::print;

/// Which stack, and who answers.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Setup {
    /// The stack; it is made if there is none of this name
    #[arg(default_value = "prod")]
    stack: String,
    /// File with all answers: nothing is asked, and all that is wrong is told at once
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Asks for what only you can get, tries each answer at once, and stores it in the stack's config, secrets encrypted. You can
interrupt it at any time: what the config has is not asked again. Nothing is deployed; `pulumi up` does that.

A FILE is TOML; a secret is a text, or { file = \"PATH\" }. What it leaves out stays as it is; a list becomes what it says:

  region = \"eu-west-1\"
  home_assistant = \"http://homeassistant:8123\"
  bells = [\"Front door\"]
  device = \"arm64\"
  [amazon]
  client_id = \"amzn1.application-oa2-client.…\"
  client_secret = { file = \"client-secret\" }
  refresh_token = { file = \"refresh-token\" }
  [tailnet]
  oauth_client_id = \"kABC123CNTRL\"
  oauth_secret = { file = \"oauth-secret\" }
  tag = \"tag:porch\"";

impl Setup {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        let next = unless_interrupted(sandbox.set_up(&self.stack, self.from.as_deref())).await?;
        print(next)?;
        Ok(0)
    }
}
