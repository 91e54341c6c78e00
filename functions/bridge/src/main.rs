//! The bridge's image: one program for all of its functions.

use std::ffi::OsString;
use std::fmt::Display;
use std::process::ExitCode;
use std::time::Instant;

use bridge::{KeyRenewal, KeyRenewalSettings, Settings};
use tailnet::Phases;

/// `EX_USAGE` of sysexits: the settings are wrong.
const USAGE: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let begun = Instant::now();
    #[expect(clippy::disallowed_methods, reason = "this is where the settings are read")]
    let lookup = |name: &str| std::env::var_os(name);
    let served = if KeyRenewalSettings::are_wanted(lookup) {
        key_renewal(lookup).await
    } else {
        home_assistant(lookup, begun).await
    };
    served.err().unwrap_or(ExitCode::SUCCESS)
}

async fn home_assistant(lookup: impl Fn(&str) -> Option<OsString>, begun: Instant) -> Result<(), ExitCode> {
    let settings = Settings::read(lookup).map_err(usage)?;
    bridge::start_log(settings.debug);
    let phases = Phases::default();
    phases.record("settings", begun.elapsed());
    bridge::serve(settings, phases).await.map_err(failed)
}

async fn key_renewal(lookup: impl Fn(&str) -> Option<OsString>) -> Result<(), ExitCode> {
    let settings = KeyRenewalSettings::read(lookup).map_err(usage)?;
    bridge::start_log(false);
    let renewal = KeyRenewal::new(settings).map_err(failed)?;
    bridge::key_renewal::serve(renewal).await.map_err(failed)
}

fn usage(wrong: impl Display) -> ExitCode {
    eprintln!("{wrong}");
    ExitCode::from(USAGE)
}

fn failed(error: impl Display) -> ExitCode {
    eprintln!("bridge: cannot serve: {error}");
    ExitCode::FAILURE
}
