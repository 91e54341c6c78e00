//! The bridge's image: one program, and [`Serve`] says which function it is.

use std::ffi::OsString;
use std::fmt::Display;
use std::process::ExitCode;
use std::time::Instant;

use bridge::{Bridge, KeyRenewal, KeyRenewalSettings, Serve, Settings};
use tailnet::Phases;

/// `EX_USAGE` of sysexits: the settings are wrong.
const USAGE: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let begun = Instant::now();
    #[expect(clippy::disallowed_methods, reason = "this is where the settings are read")]
    let lookup = |name: &str| std::env::var_os(name);
    let served = match Serve::read(lookup) {
        Ok(Serve::Directives) => directives(lookup, begun).await,
        Ok(Serve::KeyRenewal) => key_renewal(lookup).await,
        Err(wrong) => Err(usage(wrong)),
    };
    served.err().unwrap_or(ExitCode::SUCCESS)
}

async fn directives(lookup: impl Fn(&str) -> Option<OsString>, begun: Instant) -> Result<(), ExitCode> {
    let settings = Settings::read(lookup).map_err(usage)?;
    bridge::start_log(settings.debug);
    let phases = Phases::default();
    phases.record("settings", begun.elapsed());
    let sidecar = settings.sidecar();
    bridge::serve(Bridge::start(settings, sidecar, phases)).await.map_err(failed)
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
