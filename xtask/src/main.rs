//! `cargo xtask`: porch's own commands. Each one is a file of its own; what they do is in the `sandbox` library.

mod commands;
mod exit;

use std::process::ExitCode;

use clap::Parser;

use commands::Arguments;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help_or_mistake) => return exit::show_usage(&help_or_mistake),
    };
    #[expect(clippy::disallowed_methods, reason = "the one place where this program reads its environment")]
    let lookup = |name: &str| std::env::var_os(name);
    let sandbox = match commands::sandbox(lookup) {
        Ok(sandbox) => sandbox,
        Err(wrong) => return exit::wrong_settings(&wrong),
    };
    match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => exit::code(runtime.block_on(arguments.run(&sandbox))),
        Err(error) => exit::failed(&format!("cannot start: {error}")),
    }
}
