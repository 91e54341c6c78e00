//! The tools that builds are handed to: which ones, how to install them, and how they are run.

mod command;
mod environment;
mod output;
mod rustc;

pub(crate) use command::Command;
pub use command::ToolError;
pub use environment::Environment;
pub(crate) use rustc::rust_version;

/// A tool that must be on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Cargo,
    CargoLambda,
    CargoZigbuild,
    Go,
    Rustc,
}

impl Tool {
    /// Its file name on `PATH`.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::CargoLambda => "cargo-lambda",
            Self::CargoZigbuild => "cargo-zigbuild",
            Self::Go => "go",
            Self::Rustc => "rustc",
        }
    }

    /// What a person does when it is absent.
    pub(crate) fn how_to_install(self) -> &'static str {
        match self {
            Self::Cargo | Self::Rustc => "install Rust from https://rustup.rs and open a new shell",
            Self::CargoLambda => {
                "install it with `pip install cargo-lambda` or `cargo install cargo-lambda --locked`, \
                 see https://www.cargo-lambda.info/guide/installation.html"
            }
            Self::CargoZigbuild => {
                "install it with `pip install cargo-zigbuild`, which brings zig along, \
                 see https://github.com/rust-cross/cargo-zigbuild"
            }
            Self::Go => "install it from https://go.dev/dl and put its bin folder on PATH",
        }
    }
}
