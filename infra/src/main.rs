//! Prints the program of the stack that Pulumi runs it for; with `check`, what it makes of the selected
//! stack's settings.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use infra::check::{ask_pulumi, report};

/// `EX_USAGE` of sysexits: the user can put it right.
const WRONG_USAGE: u8 = 64;

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the one place where this program reads its environment")]
    let lookup = |name: &str| std::env::var_os(name);
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [] => infra::compile(lookup).map_err(|error| error.to_string()),
        [check] if check == "check" => report(lookup, ask_pulumi).map_err(|error| error.to_string()),
        _ => Err("usage: infra [check]".to_owned()),
    };
    match outcome {
        Ok(text) => match std::io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(message) => {
            eprintln!("infra: {message}");
            ExitCode::from(WRONG_USAGE)
        }
    }
}
