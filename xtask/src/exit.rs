//! Exit codes, and how failures are shown: on stderr, for people.

use std::io::Write;
use std::process::ExitCode;

use sandbox::Error;
use sandbox::settings::WrongSetting;

/// Something failed; the message says what.
pub(crate) const FAILED: u8 = 1;
/// `EX_USAGE` of sysexits: the command line or a variable is wrong.
pub(crate) const USAGE: u8 = 64;
/// `EX_DATAERR`: the event was refused.
pub(crate) const BAD_EVENT: u8 = 65;
/// `EX_NOINPUT`: the event's file cannot be read.
pub(crate) const NO_INPUT: u8 = 66;
/// `EX_UNAVAILABLE`: something that has to run or to be installed is not there.
pub(crate) const UNAVAILABLE: u8 = 69;
/// `EX_SOFTWARE`: the function failed instead of replying.
pub(crate) const FUNCTION_FAILED: u8 = 70;
/// Ended by Ctrl-C, as shells tell it.
pub(crate) const INTERRUPTED: u8 = 130;

/// The exit code of a command, its error shown.
pub(crate) fn code(result: Result<u8, Error>) -> ExitCode {
    let error = match result {
        Ok(code) => return code.into(),
        Err(error) => error,
    };
    tell(&error.to_string());
    let code = match error {
        Error::Machine(_) | Error::NotSetUp | Error::Busy { .. } => UNAVAILABLE,
        Error::Interrupted => INTERRUPTED,
        Error::Program { .. } | Error::Part { .. } | Error::Io { .. } | Error::Answer(_) => FAILED,
    };
    code.into()
}

/// Shows help on stdout with exit code 0, a mistake on stderr with 64.
pub(crate) fn show_usage(error: &clap::Error) -> ExitCode {
    // When even that cannot be printed, the exit code still tells.
    let _ = error.print();
    if error.use_stderr() { USAGE.into() } else { ExitCode::SUCCESS }
}

/// Shows every variable that is wrong.
pub(crate) fn wrong_settings(wrong: &[WrongSetting]) -> ExitCode {
    let verb = if wrong.len() == 1 { "setting is" } else { "settings are" };
    let mut text = format!("{} {verb} wrong", wrong.len());
    for WrongSetting { name, found, expected } in wrong {
        text += &format!("\n  {name:<18} found `{found}`   expected {expected}");
    }
    tell(&text);
    USAGE.into()
}

/// Shows a failure that has no error of its own.
pub(crate) fn failed(message: &str) -> ExitCode {
    tell(message);
    FAILED.into()
}

/// A line on stderr that says who is talking.
pub(crate) fn tell(message: &str) {
    // A closed stderr is no reason to fail once more.
    let _ = writeln!(std::io::stderr(), "xtask: {message}");
}
