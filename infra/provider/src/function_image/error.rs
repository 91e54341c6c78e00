//! Why an image is not what it should be, in words for whoever runs Pulumi.

use crate::crates::CratesError;
use crate::function::FunctionError;
use crate::inputs::{Wrong, list};
use crate::registry::RegistryError;
use crate::source_hash::SourceHashError;
use crate::tailscaled::TailscaledError;
use crate::tools::ToolError;

/// What can go wrong with an image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FunctionImageError {
    #[error("{}", list(.0))]
    Wrong(Vec<Wrong>),
    #[error("an input is not known yet, and an image cannot be built from half of its inputs")]
    Unknown,
    #[error(
        "the state does not say which image it is; an image cannot be imported, because it is built from sources: \
         let `pulumi up` create it"
    )]
    NoState,
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Sources(#[from] SourceHashError),
    #[error(transparent)]
    Crates(#[from] CratesError),
    #[error(transparent)]
    Function(#[from] FunctionError),
    #[error(transparent)]
    Tailscaled(#[from] TailscaledError),
    #[error("writing the image: {0}")]
    Assemble(std::io::Error),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl FunctionImageError {
    /// Whether it ended because somebody asked for that.
    pub(crate) fn is_cancelled(&self) -> bool {
        match self {
            Self::Tool(error)
            | Self::Function(FunctionError::Tool(error))
            | Self::Tailscaled(TailscaledError::Tool(error)) => error.is_cancelled(),
            Self::Crates(error)
            | Self::Sources(SourceHashError::Crates(error))
            | Self::Function(FunctionError::Crates(error)) => error.is_cancelled(),
            Self::Registry(error) => matches!(error, RegistryError::Cancelled { .. }),
            Self::Wrong(_)
            | Self::Unknown
            | Self::NoState
            | Self::Sources(_)
            | Self::Function(_)
            | Self::Tailscaled(_)
            | Self::Assemble(_) => false,
        }
    }
}
