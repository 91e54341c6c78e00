//! `cargo xtask doctor`: where the way from Alexa to Home Assistant ends, and what to do.

use std::path::PathBuf;

use sandbox::interrupt::unless_interrupted;
use sandbox::{DEV, Result, Sandbox};
use secrecy::SecretString;

use super::print;
use super::told::given_token;
use crate::exit::{FAILED, NO_INPUT};

/// Which stack is examined, and how the report is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Doctor {
    /// The stack; any but the sandbox's own is asked for through your Pulumi and AWS accounts
    #[arg(long, value_name = "S", default_value = DEV)]
    stack: String,
    /// File with a token of Home Assistant to try, - for stdin; a token is never an argument, which others can see
    #[arg(long, value_name = "FILE")]
    token: Option<PathBuf>,
    /// Print the report as one line of JSON
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
Without --token, a stack of the sandbox tries the token of Home Assistant's owner, any other its long-lived one, if it
has one. A token that Home Assistant does not accept is counted there as one failed login.

Exit codes: 0 every hop passed, 1 one failed, 66 the token's FILE cannot be read, and those of `cargo xtask`.";

impl Doctor {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        let Some(token) = given_token(self.token.as_deref()) else { return Ok(NO_INPUT) };
        unless_interrupted(self.examine(sandbox, token)).await
    }

    async fn examine(&self, sandbox: &Sandbox, token: Option<SecretString>) -> Result<u8> {
        let report = sandbox.examine(&self.stack, token).await;
        print(if self.json { report.json() } else { report.table() })?;
        Ok(if report.is_good() { 0 } else { FAILED })
    }
}
