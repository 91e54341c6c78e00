//! `cargo xtask replay`: a directive that Alexa once sent, sent again to a stack.

use std::path::PathBuf;
use std::time::Instant;

use sandbox::deployed::{Function, Recording};
use sandbox::interrupt::unless_interrupted;
use sandbox::{DEV, Error, Result, Sandbox};
use secrecy::SecretString;

use super::told::{exit_code, given, given_token, report};
use super::{function, print};
use crate::exit::{NO_INPUT, tell};

/// The recording, and where it is sent.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Replay {
    /// File with the directive, - for stdin
    file: PathBuf,
    /// The function that it is for
    #[arg(long, default_value = Function::Bridge.name(), value_parser = function())]
    function: Function,
    /// The stack; any but the sandbox's own is asked for through your Pulumi and AWS accounts
    #[arg(long, value_name = "S", default_value = DEV)]
    stack: String,
    /// File with a token of Home Assistant to put in, - for stdin; a token is never an argument, which others can see
    #[arg(long, value_name = "FILE")]
    token: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
It does again what it did: lamps of a real house are turned on. The reply alone goes to stdout, what it took to stderr.
The message id is a new one. The token that was recorded is no good any more: that of FILE takes its place; a stack of the
sandbox takes its owner's.

Of your AWS user or role it needs lambda:InvokeFunction.

Exit codes: 0 the function replied (an Alexa ErrorResponse is a reply), 65 the event was refused, 66 a FILE cannot be read
or is no directive, 70 the function failed, and those of `cargo xtask`.";

impl Replay {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        let Some(token) = given_token(self.token.as_deref()) else { return Ok(NO_INPUT) };
        let Some(bytes) = given(&self.file) else { return Ok(NO_INPUT) };
        match Recording::read(&bytes) {
            Ok(recording) => unless_interrupted(self.replay(sandbox, recording, token)).await,
            Err(error) => {
                tell(&format!("{} {error}", self.file.display()));
                Ok(NO_INPUT)
            }
        }
    }

    async fn replay(
        &self,
        sandbox: &Sandbox,
        recording: Recording,
        token: Option<SecretString>,
    ) -> Result<u8> {
        let token = match token {
            Some(token) => Some(token),
            None => sandbox.owner_s_token(&self.stack)?,
        };
        let event = recording.event(token.as_ref(), &message_id());
        let event = event.map_err(|error| Error::Answer(format!("{} {error}", self.file.display())))?;
        let deployed = sandbox.deployed(&self.stack).await?;
        let begun = Instant::now();
        let invocation = deployed.invoke(self.function, event).await?;
        report(&invocation, begun.elapsed());
        print(&invocation.payload)?;
        Ok(exit_code(&invocation))
    }
}

/// What no other message has.
fn message_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
