//! The daemon's binary for the device, built on another machine.
//!
//! cargo-zigbuild brings zig, which is a linker and a compiler of C and C++ for every architecture, with the symbols of
//! every glibc. So the binary runs from Debian 11 on, whatever the machine that built it has.

use std::path::PathBuf;

use package::Architecture;

use super::toolchain::Toolchain;
use crate::cargo_build::{LIMIT, flags, step};
use crate::crates::{Crates, CratesError};
use crate::task::Task;
use crate::tools::{Command, Environment, Tool, ToolError};

/// Rises when the way it is built changes what comes out.
pub(super) const RECIPE: u32 = 1;

/// The oldest glibc that the binary runs with: that of Debian 11, and of Raspberry Pi OS of the same age. The control
/// file says it too.
pub(super) const GLIBC: &str = "2.31";

/// Its cargo profile; that inherits `release`.
pub(super) const PROFILE: &str = "device";

/// Every way to read buttons, since one package is for every board.
pub const FEATURES: &str = "gpiocdev,rppal";

/// Why there is no binary.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    /// The crate cannot be read.
    #[error(transparent)]
    Crates(#[from] CratesError),
    /// A tool said no.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The build left nothing.
    #[error("cargo-zigbuild ended well but left no binary at {}: {source}", path.display())]
    NoBinary {
        /// Where it should be.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
}

/// Builds the binary of `crates` and returns its bytes.
///
/// It has a target folder of its own, so that it neither waits for nor disturbs a cargo that a person runs.
pub(super) async fn build(
    crates: &Crates,
    architecture: Architecture,
    toolchain: &Toolchain,
    environment: &Environment,
    task: &Task,
) -> Result<Vec<u8>, ProgramError> {
    let (package, binary) = (&crates.own.name, crates.binary()?);
    let what = format!("building {binary} for {architecture}");
    let target_directory = crates.target_directory.join("device");
    task.status(what.clone());
    let target = format!("{}.{GLIBC}", toolchain.target);
    let mut command = Command::new(Tool::CargoZigbuild, what.clone(), &crates.workspace_root)
        .arguments(["zigbuild", "--locked", "--color", "never", "--profile", PROFILE])
        .arguments(["--package", package, "--bin", binary, "--features", FEATURES, "--target", &target])
        .variable("CARGO_TARGET_DIR", &target_directory)
        .variable("CARGO_ENCODED_RUSTFLAGS", flags(&[], &crates.workspace_root, environment))
        .limit(LIMIT);
    if let Some(python) = python(environment) {
        command = command.variable("CARGO_ZIGBUILD_PYTHON_PATH", python);
    }
    if let Some(rustc) = &toolchain.rustc {
        command = command.variable("RUSTC", rustc);
    }
    if toolchain.builds_std {
        // What a stable compiler calls unstable is only the switch.
        command = command.arguments(["-Zbuild-std=std,panic_unwind"]).variable("RUSTC_BOOTSTRAP", "1");
    }
    command
        .run(environment, task, |line| {
            if let Some(step) = step(line) {
                task.detail(|| format!("{what}: {step}"));
            }
        })
        .await?;
    let path = target_directory.join(toolchain.target).join(PROFILE).join(binary);
    std::fs::read(&path).map_err(|source| ProgramError::NoBinary { path, source })
}

/// The Python that cargo-zigbuild was installed with, and so zig: not always the first on `PATH`.
fn python(environment: &Environment) -> Option<PathBuf> {
    let program = environment.find(Tool::CargoZigbuild.program())?.canonicalize().ok()?;
    Some(program.parent()?.join("python3")).filter(|python| python.is_file())
}
