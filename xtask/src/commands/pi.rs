//! `cargo xtask pi`: the script that sets up a Raspberry Pi for a stack.

use std::path::PathBuf;

use sandbox::interrupt::unless_interrupted;
use sandbox::layout::write_private;
use sandbox::pi::{FILE, Gpio, Wiring};
use sandbox::{DEV, Result, Sandbox};

use super::print;

/// Whose script, and which buttons the machine has.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Pi {
    /// The stack; any but the sandbox's own is asked for through your Pulumi account
    #[arg(long, value_name = "S", default_value = DEV)]
    stack: String,
    /// Where to write the script; porch-pi-S.sh if nothing is said
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// At which GPIO the button of a bell is, once for each bell; 17 for the only one
    #[arg(long, value_name = "BELL=NUMBER")]
    gpio: Vec<Gpio>,
    /// The bells of this machine, where others have the rest
    #[arg(long, value_name = "BELL,...", value_delimiter = ',')]
    bells: Vec<String>,
}

const AFTER_HELP: &str = "\
The script holds the key to AWS that the stack made for the machine at the door. Nobody but you can read its file; delete
it when the machine is set up. A stack of the sandbox gets a script that is good for trials on this machine alone.";

/// Where the machine at the door usually is.
const HOST: &str = "pi@raspberrypi.local";

impl Pi {
    pub(crate) async fn run(self, sandbox: &Sandbox) -> Result<u8> {
        let wiring = Wiring { bells: self.bells, gpio: self.gpio };
        let script = unless_interrupted(sandbox.pi_script(&self.stack, &wiring)).await?;
        let file = self.output.unwrap_or_else(|| script.file().into());
        write_private(&file, script.text())?;
        let file = file.display();
        print(format!(
            "Wrote {file}. It holds a secret key, so that nobody but you can read it.\n\n\
             scp {file} {HOST}:{FILE}\n\
             ssh -t {HOST} sudo sh {FILE} --delete\n\
             rm {file}\n"
        ))?;
        Ok(0)
    }
}
