//! A package from its sources: which ones they are, and what comes of them.

use std::io;
use std::path::Path;

use package::{Architecture, Version, WrongVersion};
use time::OffsetDateTime;

use super::contents::{self, Contents};
use super::program::{self, ProgramError};
use super::toolchain::{Toolchain, ToolchainError};
use crate::crates::{Crates, CratesError};
use crate::source_hash::{SourceHashError, Sources};
use crate::task::Task;
use crate::tools::Environment;

/// The daemon's crate, in the project's folder.
const CRATE: &str = "device";

/// What lies beside its sources for the package, in the crate's folder.
const FILES: &str = "package";

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct BuildError(#[from] pub(super) Failure);

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Crates(#[from] CratesError),
    #[error(transparent)]
    Sources(#[from] SourceHashError),
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    #[error(transparent)]
    Program(#[from] ProgramError),
    #[error("the crate `device` has a version that is none of a Debian package: {0}")]
    Version(#[from] WrongVersion),
    #[error("writing the package: {0}")]
    Assemble(#[from] io::Error),
}

/// A package, built and not published yet.
#[derive(Debug)]
pub struct Built {
    /// Its version.
    pub version: Version,
    /// The file itself.
    pub package: Vec<u8>,
    /// Rust's name for what the program in it is built for.
    pub target: &'static str,
}

/// What a package of one architecture would be built from.
pub(super) struct Plan {
    architecture: Architecture,
    crates: Crates,
    toolchain: Toolchain,
    /// Hash of all of it.
    pub(super) source_hash: String,
}

/// Builds the package of the daemon in the folder `project` for `architecture`, as one that is published at
/// `published_at`.
///
/// # Errors
/// A tool is absent or fails, the task is cancelled, or a file cannot be read.
pub async fn build(
    project: &Path,
    architecture: Architecture,
    published_at: OffsetDateTime,
    environment: &Environment,
    task: &Task,
) -> Result<Built, BuildError> {
    let plan = Plan::read(project, architecture, environment, task).await?;
    plan.build(published_at, environment, task).await
}

impl Plan {
    pub(super) async fn read(
        project: &Path,
        architecture: Architecture,
        environment: &Environment,
        task: &Task,
    ) -> Result<Self, BuildError> {
        let folder = project.join(CRATE);
        let (crates, toolchain) =
            tokio::try_join!(async { Ok(Crates::read(&folder, environment, task).await?) }, async {
                Ok::<_, Failure>(Toolchain::find(architecture, &folder, environment, task).await?)
            },)?;
        let recipe = format!("{} {} {}", program::RECIPE, contents::RECIPE, program::GLIBC);
        let sources = Sources {
            crates: &crates,
            profiles: &["release", program::PROFILE],
            settings: &[("recipe", &recipe), ("target", toolchain.target), ("rust", &toolchain.version)],
            tailscaled: None,
        };
        let source_hash = sources.hash().map_err(Failure::from)?;
        Ok(Self { architecture, crates, toolchain, source_hash })
    }

    pub(super) async fn build(
        self,
        published_at: OffsetDateTime,
        environment: &Environment,
        task: &Task,
    ) -> Result<Built, BuildError> {
        let Self { architecture, crates, toolchain, source_hash } = self;
        let version = &crates.own.version;
        let version = Version::new(version, published_at, &source_hash).map_err(Failure::from)?;
        let built = program::build(&crates, architecture, &toolchain, environment, task).await;
        let program = built.map_err(Failure::from)?;
        task.status("writing the package");
        let (folder, packed) = (crates.own.folder().join(FILES), version.clone());
        let assembled = tokio::task::spawn_blocking(move || {
            let contents =
                Contents { folder: &folder, architecture, version: &packed, published_at, program };
            contents.assemble()
        });
        let assembled = assembled.await.map_err(io::Error::other).flatten();
        Ok(Built { version, package: assembled.map_err(Failure::from)?, target: toolchain.target })
    }
}
