//! `cargo xtask env`: exports for a person's shell.

use sandbox::exports::{config_file, shell_lines, variables};
use sandbox::{DEV, Error, Result, Sandbox};

use super::print;

pub(crate) fn run(sandbox: &Sandbox) -> Result<u8> {
    let Sandbox { settings, layout } = sandbox;
    if !config_file(layout, DEV).exists() {
        return Err(Error::NotSetUp);
    }
    if settings.has_passphrase {
        crate::exit::tell(
            "PULUMI_CONFIG_PASSPHRASE is set in your shell and wins over the dev stack's own: unset it there first",
        );
    }
    print(shell_lines(&variables(settings, layout, DEV)))?;
    Ok(0)
}
