//! The function's own binary: static, so that an image needs nothing else, and the same from any checkout.

use std::path::PathBuf;

use crate::architecture::Architecture;
use crate::archive::Compression;
use crate::cargo_build::{LIMIT, flags, step};
use crate::crates::{Crates, CratesError};
use crate::task::Task;
use crate::tools::{Command, Environment, Tool, ToolError};

/// Rises when the way a function is built changes what comes out.
pub(crate) const RECIPE: u32 = 1;

/// What a function's binary is to be good at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Small and quick: what is deployed.
    #[default]
    Release,
    /// Built within seconds after a change: what is worked on.
    Quick,
}

impl Profile {
    /// The profile of `Cargo.toml` that is called so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Release, Self::Quick].into_iter().find(|profile| profile.name() == text)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Quick => "quick",
        }
    }

    /// How far an image is compressed: what is deployed as far as it goes, what somebody waits for as quickly as it goes.
    pub(crate) fn compression(self) -> Compression {
        match self {
            Self::Release => Compression::best(),
            Self::Quick => Compression::fast(),
        }
    }

    /// The profile, and what it inherits.
    pub(crate) const fn profiles(self) -> &'static [&'static str] {
        match self {
            Self::Release => &["release"],
            Self::Quick => &["quick", "release"],
        }
    }
}

/// Why there is no binary.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FunctionError {
    #[error(transparent)]
    Crates(#[from] CratesError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error("cargo-lambda ended well but left no binary at {}: {source}", path.display())]
    NoBinary { path: PathBuf, source: std::io::Error },
}

/// How an architecture is reached from this machine.
struct Compiler {
    /// cargo-lambda's `--compiler`.
    name: &'static str,
    target: String,
    flags: &'static [&'static str],
}

impl Compiler {
    /// The machine's own compiler links glibc in. For another architecture cargo-lambda's zig does it, with musl,
    /// because zig has no static glibc.
    fn for_architecture(architecture: Architecture) -> Self {
        let native = cfg!(target_os = "linux") && Architecture::of_this_machine() == Some(architecture);
        if native {
            let target = format!("{}-unknown-linux-gnu", architecture.rust());
            Self { name: "cargo", target, flags: &["-Ctarget-feature=+crt-static"] }
        } else {
            let target = format!("{}-unknown-linux-musl", architecture.rust());
            Self { name: "cargo-zigbuild", target, flags: &[] }
        }
    }
}

/// Rust's name for what a function of this architecture is built for on this machine.
#[must_use]
pub fn target(architecture: Architecture) -> String {
    Compiler::for_architecture(architecture).target
}

/// Builds the binary of `crates` and returns its bytes.
///
/// It has a target folder of its own, so that it neither waits for nor disturbs a cargo that a person runs.
pub(crate) async fn build(
    crates: &Crates,
    architecture: Architecture,
    profile: Profile,
    environment: &Environment,
    task: &Task,
) -> Result<Vec<u8>, FunctionError> {
    let package = &crates.own.name;
    let binary = crates.binary()?;
    let compiler = Compiler::for_architecture(architecture);
    let what = format!("building {package} for {architecture}");
    let target_directory = crates.target_directory.join("function");
    let lambda_directory = target_directory.join("lambda").join(architecture.name());
    task.status(what.clone());
    Command::new(Tool::CargoLambda, what.clone(), &crates.workspace_root)
        .arguments(["lambda", "build", "--profile", profile.name(), "--locked", "--color", "never"])
        .arguments(["--compiler", compiler.name, "--target", &compiler.target])
        .arguments(["--package", package, "--bin", binary, "--lambda-dir"])
        .arguments([&lambda_directory])
        .variable("CARGO_TARGET_DIR", &target_directory)
        .variable("CARGO_ENCODED_RUSTFLAGS", flags(compiler.flags, &crates.workspace_root, environment))
        .limit(LIMIT)
        .run(environment, task, |line| {
            if let Some(step) = step(line) {
                task.detail(|| format!("{what}: {step}"));
            }
        })
        .await?;
    let path = lambda_directory.join(binary).join("bootstrap");
    std::fs::read(&path).map_err(|source| FunctionError::NoBinary { path, source })
}
