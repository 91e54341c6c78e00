//! What came of an event, told on standard error; and the files that events and tokens are in.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use sandbox::lambda::Invocation;
use secrecy::SecretString;
use serde_json::Value;

use crate::exit::{BAD_EVENT, FUNCTION_FAILED, tell};

/// What is in a file, or standard input for `-`. Of what cannot be read is told, and there is nothing.
pub(super) fn given(file: &Path) -> Option<Vec<u8>> {
    let read = read(file).map_err(|error| tell(&format!("cannot read {}: {error}", file.display())));
    read.ok()
}

/// The token in such a file, or none where no file is named.
#[expect(clippy::option_option, reason = "nothing to go on with is another thing than no token")]
pub(super) fn given_token(file: Option<&Path>) -> Option<Option<SecretString>> {
    let token = file.map(read_token).transpose();
    token.map_err(|error| tell(&format!("cannot read the token: {error}"))).ok()
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file.as_os_str() != "-" {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_token(file: &Path) -> std::io::Result<SecretString> {
    let text = String::from_utf8(read(file)?).map_err(std::io::Error::other)?;
    Ok(text.trim().into())
}

/// Tells on stderr what came of it and how long each phase took.
pub(super) fn report(invocation: &Invocation, elapsed: Duration) {
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

/// The exit code that tells a reply from a failure and a refusal.
pub(super) fn exit_code(invocation: &Invocation) -> u8 {
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
