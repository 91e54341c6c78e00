//! How much the function takes, in the registry and in memory, and the daemon's package.

use package::Architecture;
use time::OffsetDateTime;

use super::caller::Caller;
use super::figures::{DEVICE_PACKAGE, IMAGE, Measured, RESIDENT};
use crate::Sandbox;
use crate::device_package;
use crate::error::{Error, Result};
use crate::procfs;
use crate::progress::Progress;
use crate::pulumi::Stack;

const MB: f64 = 1e6;
/// Directives before memory is looked at.
const DIRECTIVES: usize = 100;
/// The programs of the image; the runner's own are in the environment too.
const PROGRAMS: [&str; 2] = ["bootstrap", "tailscaled"];

/// The larger image of the two architectures, compressed: that of the deployed stack `dev`, and that of the stack whose
/// function is for the `other` architecture, if it could be deployed.
///
/// # Errors
/// When a stack does not tell.
pub(super) async fn image(dev: &Stack, other: Result<Stack, String>) -> Result<Measured> {
    let size_mb = image_mb(dev).await?;
    let (own, others) = (std::env::consts::ARCH, other_architecture());
    let (value, n, said) = match other {
        Ok(other) => {
            let other_mb = image_mb(&other).await?;
            (size_mb.max(other_mb), 2, format!("{own} {size_mb:.2}, {others} {other_mb:.2}"))
        }
        Err(why) => (size_mb, 1, format!("{own} only; {others}: {why}")),
    };
    Ok(IMAGE.measured(value, n, format!("compressed, in 10^6 bytes; {said}")))
}

/// The daemon's package for a Raspberry Pi: the largest of those for `architectures`.
///
/// # Errors
/// When one cannot be built.
pub(super) async fn package(
    sandbox: &Sandbox,
    architectures: &[Architecture],
    progress: &Progress,
) -> Result<Measured> {
    let (mut largest, mut said) = (0.0, Vec::new());
    for architecture in architectures {
        let built =
            device_package::build(sandbox, *architecture, OffsetDateTime::UNIX_EPOCH, progress).await?;
        let size_mb = built.package.len() as f64 / MB;
        largest = f64::max(largest, size_mb);
        said.push(format!("{architecture} {size_mb:.2}"));
    }
    let note = format!("the .deb, in 10^6 bytes; {}", said.join(", "));
    Ok(DEVICE_PACKAGE.measured(largest, said.len(), note))
}

/// Lambda's architecture that this machine has not.
pub(super) fn other_architecture() -> &'static str {
    if std::env::consts::ARCH == "x86_64" { "arm64" } else { "x86_64" }
}

async fn image_mb(stack: &Stack) -> Result<f64> {
    let outputs = stack.outputs().await?;
    let size = outputs.get("bridgeImageSizeBytes").and_then(|size| match size.as_str() {
        Some(text) => text.parse().ok(),
        None => size.as_f64(),
    });
    let size: f64 = size.ok_or_else(|| {
        Error::Answer(format!("the stack {} has no bridgeImageSizeBytes; run `cargo xtask up`", stack.name()))
    })?;
    Ok(size / MB)
}

/// The memory of the function's processes after some directives.
///
/// # Errors
/// When a directive fails, or the processes are not found.
pub(super) async fn resident(caller: &Caller<'_>) -> Result<Measured> {
    for _ in 0..DIRECTIVES {
        caller.ask().await?.replied()?;
    }
    let environment = caller.environment().await?;
    let mut said = Vec::new();
    let mut total_mb = 0.0;
    for program in PROGRAMS {
        let pids = environment.as_ref().map(|environment| environment.processes(program)).unwrap_or_default();
        for kb in pids.into_iter().filter_map(procfs::resident_kb) {
            // No machine has so much memory that a number of kB would not be exact as a float.
            let mb = kb as f64 * 1024.0 / MB;
            said.push(format!("{program} {mb:.1}"));
            total_mb += mb;
        }
    }
    if said.len() < PROGRAMS.len() {
        return Err(Error::Answer(format!("of {PROGRAMS:?}, only these processes were found: {said:?}")));
    }
    let note = format!("resident sets after {DIRECTIVES} directives: {}; in 10^6 bytes", said.join(", "));
    Ok(RESIDENT.measured(total_mb, 1, note))
}
