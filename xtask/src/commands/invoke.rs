//! `cargo xtask invoke`: an event through the deployed function, its reply on stdout, its phases on stderr.

use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use sandbox::house::directive;
use sandbox::interrupt::unless_interrupted;
use sandbox::lambda::{Invocation, Lambda};
use sandbox::parts::home_assistant;
use sandbox::{DEV, Result, Sandbox};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::print;
use crate::exit::{BAD_EVENT, FUNCTION_FAILED, NO_INPUT, tell};

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

/// What stands in an event for the token of Home Assistant's owner.
const TOKEN: &str = "@HOME_ASSISTANT_TOKEN@";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Function {
    /// Takes Alexa's directives to Home Assistant
    Bridge,
    /// Answers Alexa about the doorbell
    Doorbell,
}

impl Invoke {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        let event = match self.read() {
            Ok(event) => event,
            Err(error) => {
                tell(&format!("cannot read {}: {error}", self.file.display()));
                return Ok(NO_INPUT);
            }
        };
        unless_interrupted(self.invoke(sandbox, event)).await
    }

    fn read(&self) -> std::io::Result<Vec<u8>> {
        if self.file.as_os_str() != "-" {
            return std::fs::read(&self.file);
        }
        let mut event = Vec::new();
        std::io::stdin().lock().read_to_end(&mut event)?;
        Ok(event)
    }

    async fn invoke(&self, sandbox: &Sandbox, event: Vec<u8>) -> Result<u8> {
        let function = match self.function {
            Function::Bridge => sandbox.stack(DEV).bridge_function(),
            Function::Doorbell => sandbox.stack(DEV).doorbell_function(),
        };
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
        Ok(text) if text.contains(TOKEN) => Ok(text.replace(TOKEN, token()?.expose_secret()).into_bytes()),
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

/// Tells on stderr what came of it and how long each phase took.
fn report(invocation: &Invocation, elapsed: Duration) {
    let total = elapsed.as_secs_f64() * 1000.0;
    match invocation.answered() {
        Some(line) => {
            let word = |name: &str| line[name].as_str().unwrap_or("-").to_string();
            let cold = if line["cold"] == Value::Bool(true) { ", cold" } else { "" };
            tell(&format!(
                "{} {} -> {}{cold}: {total:.1} ms, of which the function took {:.1} ms",
                word("namespace"),
                word("name"),
                word("outcome"),
                line["elapsed_ms"].as_f64().unwrap_or_default(),
            ));
            for (phase, elapsed_ms) in line["phases_ms"].as_object().into_iter().flatten() {
                tell(&format!("  {phase:<14} {:>8.1} ms", elapsed_ms.as_f64().unwrap_or_default()));
            }
        }
        None => tell(&format!(
            "{total:.1} ms; the function's log tells no phases:\n{}",
            invocation.log.trim_end()
        )),
    }
    if let Some(kind) = &invocation.function_error {
        tell(&format!("the function failed ({kind})"));
    } else if invocation.status != 200 {
        tell(&format!("the event was refused with status {}", invocation.status));
    }
}

fn exit_code(invocation: &Invocation) -> u8 {
    match invocation {
        Invocation { function_error: Some(_), .. } => FUNCTION_FAILED,
        Invocation { status: 200, .. } => 0,
        Invocation { .. } => BAD_EVENT,
    }
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

    #[test]
    fn the_exit_code_tells_a_reply_from_a_failure_and_a_refusal() {
        let invocation = |status, error: Option<&str>| Invocation {
            status,
            function_error: error.map(ToString::to_string),
            payload: Vec::new(),
            log: String::new(),
        };
        assert_eq!(exit_code(&invocation(200, None)), 0);
        assert_eq!(exit_code(&invocation(200, Some("Unhandled"))), FUNCTION_FAILED);
        assert_eq!(exit_code(&invocation(400, None)), BAD_EVENT);
    }
}
