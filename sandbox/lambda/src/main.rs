//! The daemon: settings, logging, then the API until SIGTERM. Asked by itself, it is an environment's init.

use std::process::ExitCode;

use clap::Parser;
use lambda_runner::environment::init;
use lambda_runner::settings::{Arguments, Settings};

#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
fn main() -> ExitCode {
    if init::is_asked_for(std::env::args_os()) {
        return init::run();
    }
    let settings = match Settings::check(&Arguments::parse(), |name| std::env::var_os(name)) {
        Ok(settings) => settings,
        Err(wrong) => {
            eprint!("{wrong}");
            return ExitCode::from(64); // EX_USAGE
        }
    };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
    match lambda_runner::api::run(settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lambda-runner: {error}");
            ExitCode::FAILURE
        }
    }
}
