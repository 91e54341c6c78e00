//! The decoding child by itself, for tests: the daemon has its own way to it.

use std::process::ExitCode;

fn main() -> ExitCode {
    match camera::decode::child(std::io::stdin().lock(), std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
