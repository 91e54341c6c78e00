//! The daemon's package for a Raspberry Pi, built as the stack's provider builds it, for what is tried and measured of it.

use std::time::Duration;

use package::Architecture;
use porch_provider::Task;
use porch_provider::device_package::{self, Built};
use time::OffsetDateTime;

use crate::Sandbox;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::tools;

/// Builds that of `architecture` as one that is published at `published_at`.
///
/// # Errors
/// When it cannot be built.
pub async fn build(
    sandbox: &Sandbox,
    architecture: Architecture,
    published_at: OffsetDateTime,
    progress: &Progress,
) -> Result<Built> {
    let Sandbox { settings, layout } = sandbox;
    let zig = tools::cross_compiler(settings, layout, progress).await?;
    let environment = settings.build_environment.clone().with_path(settings.path_with(&[&zig]));
    let task = Task::silent();
    let building = device_package::build(&layout.repository, architecture, published_at, &environment, &task);
    let building = async { building.await.map_err(|error| Error::Answer(error.to_string())) };
    // Rust has no compiled library for the processor of the oldest Raspberry Pi, so that it is compiled along.
    let about = Duration::from_secs(if architecture == Architecture::Armhf { 450 } else { 150 });
    progress
        .step(&format!("build the package porch-doorbell for {architecture}"), Some(about), building)
        .await
}
