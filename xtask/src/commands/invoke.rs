//! `cargo xtask invoke`: an event through the deployed function, its reply on stdout, its phases on stderr.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use sandbox::deployed::{self, PLACEHOLDER};
use sandbox::house::directive;
use sandbox::interrupt::unless_interrupted;
use sandbox::lambda::Lambda;
use sandbox::parts::home_assistant;
use sandbox::{DEV, Result, Sandbox};
use secrecy::{ExposeSecret, SecretString};

use super::print;
use super::told::{exit_code, given, report};
use crate::exit::{NO_INPUT, tell};

/// The event, the function, and in which state its environment is to be.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Invoke {
    /// Which function
    function: Function,
    /// File with the event, - for stdin
    file: PathBuf,
    /// Start a new execution environment first
    #[arg(long, conflicts_with = "frozen")]
    cold: bool,
    /// Leave the execution environment frozen until it has been for this many seconds
    #[arg(long, value_name = "SECONDS")]
    frozen: Option<u64>,
}

const AFTER_HELP: &str = "\
The reply alone goes to stdout, what it took to stderr. Between events the environment is frozen, as Lambda does it.
Where the event says @HOME_ASSISTANT_TOKEN@, the token of Home Assistant's owner is put in; all else is sent as it is.

Exit codes: 0 the function replied (an Alexa ErrorResponse is a reply), 65 the event was refused (Lambda takes JSON
only, up to 6 MB), 66 FILE cannot be read, 70 the function failed, and those of `cargo xtask`.";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Function {
    /// Takes Alexa's directives to Home Assistant
    Bridge,
    /// Answers Alexa about the doorbell
    Doorbell,
}

impl Invoke {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        let Some(event) = given(&self.file) else { return Ok(NO_INPUT) };
        unless_interrupted(self.invoke(sandbox, event)).await
    }

    async fn invoke(&self, sandbox: &Sandbox, event: Vec<u8>) -> Result<u8> {
        let function = match self.function {
            Function::Bridge => deployed::Function::Bridge,
            Function::Doorbell => deployed::Function::Doorbell,
        };
        let function = sandbox.stack(DEV).function(function).await?;
        let lambda = Lambda::new()?;
        if self.cold {
            lambda.retire(&function).await?;
        }
        if let Some(seconds) = self.frozen {
            freeze(sandbox, &lambda, &function, Duration::from_secs(seconds)).await?;
        }
        let event = with_token(event, || Ok(home_assistant::access(&sandbox.layout)?.token))?;
        let began = Instant::now();
        let invocation = lambda.invoke(&function, event).await?;
        report(&invocation, began.elapsed());
        print(&invocation.payload)?;
        Ok(exit_code(&invocation))
    }
}

/// Puts the owner's token where the event asks for it; an event that does not is left as it is, whatever it is.
fn with_token(event: Vec<u8>, token: impl FnOnce() -> Result<SecretString>) -> Result<Vec<u8>> {
    match str::from_utf8(&event) {
        Ok(text) if text.contains(PLACEHOLDER) => {
            Ok(text.replace(PLACEHOLDER, token()?.expose_secret()).into_bytes())
        }
        _ => Ok(event),
    }
}

/// Waits until the function's environment has been frozen for `wanted`; without one, a Discovery starts one.
async fn freeze(sandbox: &Sandbox, lambda: &Lambda, function: &str, wanted: Duration) -> Result<()> {
    if lambda.environment(function, 0).await?.is_none() {
        tell("no environment is running: a Discovery starts one, to have something frozen");
        let token = home_assistant::access(&sandbox.layout)?.token;
        let discovery = directive("Alexa.Discovery", "Discover", None, &token).to_string();
        lambda.invoke(function, discovery.into_bytes()).await?;
    }
    let environment = lambda.environment(function, 0).await?;
    let frozen = environment.map(|environment| environment.frozen_for(SystemTime::now())).unwrap_or_default();
    let left = wanted.saturating_sub(frozen);
    tell(&format!("frozen for {} s, waiting {} s more", frozen.as_secs(), left.as_secs()));
    tokio::time::sleep(left).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_event_that_asks_for_it_gets_the_token() {
        let with = |event: &[u8]| with_token(event.to_vec(), || Ok("t0k".into())).unwrap();
        assert_eq!(with(b"{\"token\":\"@HOME_ASSISTANT_TOKEN@\"}"), b"{\"token\":\"t0k\"}");
        assert_eq!(with(b"\xff not text"), b"\xff not text");
        assert!(with_token(b"{}".to_vec(), || Err(sandbox::Error::NotSetUp)).is_ok());
    }
}
