//! porch-doorbell.

use std::process::ExitCode;

use device::arguments::{Task, USAGE};
use device::environment::Environment;
use device::settings::Settings;

/// `EX_USAGE` of sysexits: the command line or the settings are wrong.
const WRONG: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    let environment = Environment::read(|name| std::env::var_os(name));
    let (path, is_check) = match Task::read(std::env::args_os().skip(1)) {
        Some(Task::Run(path)) => (path, false),
        Some(Task::Check(path)) => (path, true),
        #[cfg(feature = "camera")]
        Some(Task::Decode) => {
            let decoded = device::integration::camera::decode();
            return decoded
                .map_or_else(|error| say(&error.to_string(), ExitCode::FAILURE), |()| ExitCode::SUCCESS);
        }
        Some(Task::Password) => return password(),
        Some(Task::PairHue(address)) => return device::pair::run(&address).await,
        Some(Task::Help) => return say(USAGE, ExitCode::SUCCESS),
        Some(Task::Version) => return say(env!("CARGO_PKG_VERSION"), ExitCode::SUCCESS),
        None => return say(USAGE, ExitCode::from(WRONG)),
    };
    let settings = match Settings::load(&path, &environment) {
        Ok(settings) if is_check => return check(&settings).await,
        Ok(settings) => settings,
        Err(wrong) => return say(&wrong.to_string(), ExitCode::from(WRONG)),
    };
    match device::run(settings, &path, &environment).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say(&format!("porch-doorbell: {}", http_client::told(&error)), ExitCode::FAILURE),
    }
}

async fn check(settings: &Settings) -> ExitCode {
    let findings = device::check::look(settings).await;
    let good = findings.iter().all(|finding| finding.outcome.is_ok());
    say(&device::check::table(&findings), if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn password() -> ExitCode {
    match device::password::ask() {
        Ok(hash) => say(&hash, ExitCode::SUCCESS),
        Err(error) => say(&format!("porch-doorbell: {error}"), ExitCode::FAILURE),
    }
}

fn say(text: &str, code: ExitCode) -> ExitCode {
    eprintln!("{text}");
    code
}
