//! The command line.

mod adopt;
mod artifacts;
mod bench;
mod cost;
mod dev;
mod doctor;
mod down;
mod env;
mod invoke;
mod logs;
mod pi;
mod press;
mod preview;
mod replay;
mod setup;
mod status;
mod test;
mod told;
mod up;

use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use sandbox::deployed::Function;
use sandbox::error::Doing;
use sandbox::settings::{Settings, WrongSetting};
use sandbox::{Result, Sandbox};

/// porch on this machine: the dev stack, with a real Home Assistant, a real tailnet and a real `pulumi up`.
#[derive(Debug, clap::Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Built tools are kept in $PORCH_CACHE (else $XDG_CACHE_HOME/porch, else ~/.cache/porch), everything else in .sandbox/.
PORCH_AWS_PLUGIN=stand-in keeps the sandbox from using an official aws plugin that you have installed.

Exit codes: 0 all is well, 1 something failed, 64 wrong arguments or settings, 69 something is not installed or not
running, 130 interrupted.";

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Set up what is needed, start everything, deploy the dev stack, and show it working
    Up,
    /// End everything that runs; what was deployed is there again after the next `up`
    Down(down::Down),
    /// Tell what runs, where, since when; exit code 0 only if all is well
    Status,
    /// Print exports with which plain `pulumi` works on the dev stack: eval "$(cargo xtask env)"
    Env,
    /// Send an event through a deployed function, as Lambda would run it
    Invoke(invoke::Invoke),
    /// Send a directive that Alexa once sent to a stack again
    Replay(replay::Replay),
    /// Show what a stack's functions have logged, and go on showing it
    Logs(logs::Logs),
    /// Tell where the way to Home Assistant ends, and what to do
    Doctor(doctor::Doctor),
    /// Write the script that sets up a Raspberry Pi as the doorbell of a stack
    Pi(pi::Pi),
    /// Set up a stack in your own accounts, step by step
    Setup(setup::Setup),
    /// Have a stack take over what is there already under the names that it has
    Adopt(adopt::Adopt),
    /// Press a button of the dev stack's doorbell, bounce and all, and tell what became of it
    Press(press::Press),
    /// Tell what `pulumi up` would change, for people or as the comment of a pull request
    Preview(preview::Preview),
    /// Build what a stack deploys into files, with what it is made of and its hashes
    Artifacts(artifacts::Artifacts),
    /// Watch the sources, and deploy each change to the sandbox within seconds
    Dev,
    /// Tell what a month costs on AWS, for one home and for thousands
    Cost,
    /// Measure how quick and how large it is
    Bench(bench::Bench),
    /// Test everything that must pass
    Test(test::Test),
}

impl Arguments {
    /// Does what was asked for and gives the exit code.
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        match self.command {
            Command::Up => up::run(sandbox).await,
            Command::Down(down) => down.run(sandbox),
            Command::Status => status::run(sandbox).await,
            Command::Env => env::run(sandbox),
            Command::Invoke(invoke) => invoke.run(sandbox).await,
            Command::Replay(replay) => replay.run(sandbox).await,
            Command::Logs(logs) => logs.run(sandbox).await,
            Command::Doctor(doctor) => doctor.run(sandbox).await,
            Command::Pi(pi) => pi.run(sandbox).await,
            Command::Setup(setup) => setup.run(sandbox).await,
            Command::Adopt(adopt) => adopt.run(sandbox).await,
            Command::Press(press) => press.run(sandbox).await,
            Command::Preview(preview) => preview.run(sandbox).await,
            Command::Artifacts(artifacts) => artifacts.run(sandbox).await,
            Command::Dev => dev::run(sandbox).await,
            Command::Cost => cost::run(),
            Command::Bench(bench) => bench.run(sandbox).await,
            Command::Test(test) => test.run(sandbox).await,
        }
    }
}

/// A function of a stack, by its name.
fn function() -> impl TypedValueParser<Value = Function> {
    let names = Function::ALL.map(|function| PossibleValue::new(function.name()).help(function.purpose()));
    PossibleValuesParser::new(names).try_map(|name| {
        Function::ALL.into_iter().find(|function| function.name() == name).ok_or("no such function")
    })
}

/// The sandbox of the checkout that this program was built in.
pub(crate) fn sandbox(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Sandbox, Vec<WrongSetting>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Settings::read(here.parent().unwrap_or(here), lookup).map(Sandbox::new)
}

/// Writes to stdout, which is an interface: nothing but what was asked for goes there.
fn print(bytes: impl AsRef<[u8]>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes.as_ref()).and_then(|()| out.flush()) {
        // Who reads, like `head`, has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.doing(|| "write to stdout".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
