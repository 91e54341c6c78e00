//! Why an image is not what it should be, in words for whoever runs Pulumi.

use crate::crates::CratesError;
use crate::function::FunctionError;
use crate::registry::RegistryError;
use crate::source_hash::SourceHashError;
use crate::tailscaled::TailscaledError;
use crate::tools::ToolError;

use super::Wrong;

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
        let tool = match self {
            Self::Sources(
                SourceHashError::Tool(error) | SourceHashError::Crates(CratesError::Cargo(error)),
            )
            | Self::Crates(CratesError::Cargo(error))
            | Self::Function(FunctionError::Tool(error) | FunctionError::Crates(CratesError::Cargo(error)))
            | Self::Tailscaled(TailscaledError::Tool(error)) => error,
            Self::Registry(error) => return matches!(error, RegistryError::Cancelled { .. }),
            Self::Wrong(_)
            | Self::Unknown
            | Self::NoState
            | Self::Sources(_)
            | Self::Crates(_)
            | Self::Function(_)
            | Self::Tailscaled(_)
            | Self::Assemble(_) => return false,
        };
        matches!(tool, ToolError::Cancelled { .. })
    }
}

fn list(wrong: &[Wrong]) -> String {
    let lines: Vec<String> =
        wrong.iter().map(|wrong| format!("{}: {}", wrong.property, wrong.reason)).collect();
    lines.join("; ")
}
