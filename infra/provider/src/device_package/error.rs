//! Why a package is not what it should be, in words for whoever runs Pulumi.

use super::bucket::BucketError;
use super::build::{BuildError, Failure};
use super::program::ProgramError;
use super::toolchain::ToolchainError;
use crate::crates::CratesError;
use crate::inputs::{Wrong, list};
use crate::source_hash::SourceHashError;

/// What can go wrong with a package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevicePackageError {
    #[error("{}", list(.0))]
    Wrong(Vec<Wrong>),
    #[error("an input is not known yet, and a package cannot be published with half of its inputs")]
    Unknown,
    #[error(
        "the state does not say which package it is; a package cannot be imported, because it is built from sources: \
         let `pulumi up` create it"
    )]
    NoState,
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("writing the manifest: {0}")]
    Manifest(#[from] serde_json::Error),
    #[error(transparent)]
    Bucket(#[from] BucketError),
}

impl DevicePackageError {
    /// Whether it ended because somebody asked for that.
    pub(crate) fn is_cancelled(&self) -> bool {
        match self {
            Self::Build(BuildError(failure)) => is_cancelled(failure),
            Self::Bucket(error) => matches!(error, BucketError::Cancelled { .. }),
            Self::Wrong(_) | Self::Unknown | Self::NoState | Self::Manifest(_) => false,
        }
    }
}

fn is_cancelled(failure: &Failure) -> bool {
    let crates = |error: &CratesError| error.is_cancelled();
    match failure {
        Failure::Crates(error) | Failure::Sources(SourceHashError::Crates(error)) => crates(error),
        Failure::Program(ProgramError::Crates(error)) => crates(error),
        Failure::Program(ProgramError::Tool(error)) | Failure::Toolchain(ToolchainError::Tool(error)) => {
            error.is_cancelled()
        }
        Failure::Sources(_)
        | Failure::Program(_)
        | Failure::Toolchain(_)
        | Failure::Version(_)
        | Failure::Assemble(_) => false,
    }
}
