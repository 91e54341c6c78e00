//! An image from its sources, and into a file.

use std::path::Path;

use bytes::Bytes;

use super::FunctionImageError;
use crate::architecture::Architecture;
use crate::crates::Crates;
use crate::function::{self, Profile};
use crate::image::{Contents, Image};
use crate::tailscaled;
use crate::task::Task;
use crate::tools::Environment;

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct BuildError(#[from] FunctionImageError);

/// What an image is made of.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<'a> {
    /// Folder of the function's crate.
    pub function: &'a Path,
    /// Folder of the Go module that pins `tailscaled`, if that is to be in it.
    pub tailscaled: Option<&'a Path>,
    /// What it is for.
    pub architecture: Architecture,
    /// How the function is compiled.
    pub profile: Profile,
    /// Where built tools are kept.
    pub cache: &'a Path,
}

/// An image, built and not pushed.
#[derive(Debug)]
pub struct Built {
    /// Its digest, by which it is deployed: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// The whole image as an archive of an OCI image layout.
    pub archive: Bytes,
}

/// Builds the image of `recipe`, the very one that a stack of this checkout deploys.
///
/// # Errors
/// A tool is absent or fails, the task is cancelled, or a file cannot be read.
pub async fn build(recipe: Recipe<'_>, environment: &Environment, task: &Task) -> Result<Built, BuildError> {
    let image = assemble(recipe, environment, task).await?;
    let archive = image.oci_archive().map_err(FunctionImageError::Assemble)?;
    Ok(Built { digest: image.digest, archive })
}

pub(super) async fn assemble(
    recipe: Recipe<'_>,
    environment: &Environment,
    task: &Task,
) -> Result<Image, FunctionImageError> {
    let Recipe { function, tailscaled, architecture, profile, cache } = recipe;
    let crates = Crates::read(function, environment, task).await?;
    let function = function::build(&crates, architecture, profile, environment, task).await?;
    let tailscaled = match tailscaled {
        None => None,
        Some(module) => {
            let binary = tailscaled::build(module, architecture, cache, environment, task).await?;
            Some(std::fs::read(&binary).map_err(FunctionImageError::Assemble)?)
        }
    };
    task.status("writing the image");
    let contents = Contents { architecture, function, tailscaled, compression: profile.compression() };
    let assembled = tokio::task::spawn_blocking(move || Image::assemble(&contents)).await;
    assembled.map_err(std::io::Error::other).flatten().map_err(FunctionImageError::Assemble)
}
