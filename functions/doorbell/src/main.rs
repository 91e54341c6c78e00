//! The doorbell's image.

use std::fmt::Display;
use std::process::ExitCode;

use doorbell::Settings;

/// `EX_USAGE` of sysexits: the settings are wrong.
const USAGE: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "this is where the settings are read")]
    let settings = match Settings::read(|name| std::env::var_os(name)) {
        Ok(settings) => settings,
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::from(USAGE);
        }
    };
    function::log::start(&["doorbell"], settings.debug);
    match doorbell::serve(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error),
    }
}

fn failed(error: impl Display) -> ExitCode {
    eprintln!("doorbell: cannot serve: {error}");
    ExitCode::FAILURE
}
