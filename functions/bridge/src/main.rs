//! The bridge's Lambda function.

use std::process::ExitCode;
use std::time::Instant;

use bridge::Settings;
use tailnet::Phases;

/// `EX_USAGE` of sysexits: the settings are wrong.
const USAGE: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let begun = Instant::now();
    #[expect(clippy::disallowed_methods, reason = "this is where the settings are read")]
    let settings = match Settings::read(|name| std::env::var_os(name)) {
        Ok(settings) => settings,
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::from(USAGE);
        }
    };
    bridge::start_log(settings.debug);
    let phases = Phases::default();
    phases.record("settings", begun.elapsed());

    match bridge::serve(settings, phases).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bridge: lambda's runtime api failed: {error}");
            ExitCode::FAILURE
        }
    }
}
