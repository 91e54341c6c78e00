//! porch-doorbell.

use std::error::Error;
use std::process::ExitCode;

use device::arguments::{Command, Task, USAGE};
use device::environment::Environment;
use device::settings::Settings;

/// `EX_USAGE` of sysexits: the command line or the settings are wrong.
const WRONG: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    let environment = Environment::read(|name| std::env::var_os(name));
    let (command, path) = match Task::read(std::env::args_os().skip(1)) {
        Some(Task::Do(command, path)) => (command, path),
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
        Ok(settings) => settings,
        Err(wrong) => return say(&wrong.to_string(), ExitCode::from(WRONG)),
    };
    match command {
        Command::Run => match device::run(settings, &path, &environment).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        },
        Command::Check => check(&settings).await,
        Command::Update(how) => match device::update::run(&settings, how).await {
            Ok(outcome) => say(&outcome.to_string(), ExitCode::SUCCESS),
            Err(error) => fail(&error),
        },
    }
}

async fn check(settings: &Settings) -> ExitCode {
    let findings = device::check::look(settings).await;
    let good = findings.iter().all(|finding| finding.outcome.is_ok());
    say(&device::check::table(&findings), if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn fail(error: &dyn Error) -> ExitCode {
    say(&format!("porch-doorbell: {}", http_client::told(error)), ExitCode::FAILURE)
}

fn password() -> ExitCode {
    match device::password::ask() {
        Ok(hash) => say(&hash, ExitCode::SUCCESS),
        Err(error) => fail(&error),
    }
}

fn say(text: &str, code: ExitCode) -> ExitCode {
    eprintln!("{text}");
    code
}
