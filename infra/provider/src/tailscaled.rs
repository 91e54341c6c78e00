//! `tailscaled` from its pinned Go module, with the parts that a userspace sidecar never uses left out.
//!
//! The result is kept in a cache folder, by a hash of all it is made from. The home node of the sandbox runs the
//! very binary that goes into the image.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::architecture::Architecture;
use crate::hex::hex;
use crate::task::Task;
use crate::tools::{Command, Environment, Tool, ToolError};

/// Rises when the way it is built changes what comes out.
pub(crate) const RECIPE: u32 = 1;

/// What is kept of `tailscaled`. `unixsocketidentity` must stay: without it LocalAPI refuses everybody.
const FEATURES: &str =
    "netstack,outboundproxy,dns,useroutes,ipnbus,debug,bakedroots,health,unixsocketidentity";

/// About two minutes on a small machine; this is for a download that hangs.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// Why there is no `tailscaled`.
#[derive(Debug, thiserror::Error)]
pub enum TailscaledError {
    /// Go said no.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// A file or folder could not be read or written.
    #[error("building tailscaled: {} cannot be read or written: {source}; look at its owner and the space on the disk", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
}

/// Builds the `tailscaled` of the Go module in `module` for `architecture`, or finds it in `cache`, and returns its
/// path. An interrupted build leaves nothing half in the cache.
///
/// # Errors
///
/// Go is absent or fails, the task is cancelled, or a file cannot be read or written.
pub async fn build(
    module: &Path,
    architecture: Architecture,
    cache: &Path,
    environment: &Environment,
    task: &Task,
) -> Result<PathBuf, TailscaledError> {
    let go = go_version(module, environment, task).await?;
    let linking = link_flags(&read(&module.join("go.mod"))?);
    let kept = cache.join(format!("tailscaled-{architecture}-{}", key(module, architecture, &go, &linking)?));
    let binary = kept.join("tailscaled");
    if binary.is_file() {
        tracing::debug!(?binary, "tailscaled is in the cache");
        return Ok(binary);
    }
    let started = Instant::now();
    let what = format!("building tailscaled for {architecture} with {go}");
    task.status(format!("{what} (about two minutes, once)"));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| TailscaledError::File { path, source }
    };
    std::fs::create_dir_all(cache).map_err(failed(cache))?;
    let making = tempfile::Builder::new().prefix(".tailscaled-").tempdir_in(cache).map_err(failed(cache))?;
    let tags = Command::new(Tool::Go, "choosing tailscaled's features", module)
        .arguments(["tool", "featuretags", "--min", &format!("--add={FEATURES}")])
        .variable("GOFLAGS", "-mod=readonly")
        .limit(LIMIT)
        .run(environment, task, |line| downloading(line, &what, task))
        .await?;
    Command::new(Tool::Go, what.clone(), module)
        .arguments([
            "build",
            "-trimpath",
            "-buildvcs=false",
            "-ldflags",
            &linking,
            "-tags",
            tags.trim(),
            "-o",
        ])
        .arguments([making.path().join("tailscaled")])
        .arguments(["tailscale.com/cmd/tailscaled"])
        .variable("CGO_ENABLED", "0")
        .variable("GOARCH", architecture.go())
        .variable("GOOS", "linux")
        .variable("GOAMD64", "v1")
        .variable("GOARM64", "v8.0")
        .variable("GOEXPERIMENT", "")
        .variable("GOFLAGS", "-mod=readonly")
        .limit(LIMIT)
        .run(environment, task, |line| downloading(line, &what, task))
        .await?;
    keep(making, &kept).map_err(failed(&kept))?;
    task.line(format!("built tailscaled for {architecture} in {} s", started.elapsed().as_secs()));
    Ok(binary)
}

/// The Go that builds `module`: its `go.mod` may ask for another one than the first on `PATH`.
pub(crate) async fn go_version(
    module: &Path,
    environment: &Environment,
    task: &Task,
) -> Result<String, ToolError> {
    let version = Command::new(Tool::Go, "building tailscaled", module)
        .arguments(["env", "GOVERSION"])
        .run(environment, task, |_| ())
        .await?;
    Ok(version.trim().to_owned())
}

fn downloading(line: &str, what: &str, task: &Task) {
    if let Some(module) = line.strip_prefix("go: downloading ") {
        task.detail(|| format!("{what}: downloading {module}"));
    }
}

/// Leaves out what only debuggers read, and stamps the module's version: a node without a stamp shows itself in the
/// tailnet's list of machines as `1.102.5-ERR-BuildInfo`.
fn link_flags(go_mod: &str) -> String {
    let version = go_mod.lines().find_map(|line| line.trim().strip_prefix("tailscale.com v"));
    let version = version.and_then(|rest| rest.split_whitespace().next());
    let stamps = version.map(|version| {
        let stamp = |name| format!(" -X tailscale.com/version.{name}={version}");
        stamp("shortStamp") + &stamp("longStamp")
    });
    String::from("-s -w") + &stamps.unwrap_or_default()
}

/// Names the binary by all it is made from.
fn key(
    module: &Path,
    architecture: Architecture,
    go: &str,
    linking: &str,
) -> Result<String, TailscaledError> {
    let mut hash = Sha256::new();
    hash.update(format!("{RECIPE} {architecture} {go} {FEATURES} {linking}\n"));
    for name in ["go.mod", "go.sum"] {
        let contents = read(&module.join(name))?;
        hash.update(contents.len().to_le_bytes());
        hash.update(contents);
    }
    let mut key = hex(&hash.finalize());
    key.truncate(16);
    Ok(key)
}

fn read(path: &Path) -> Result<String, TailscaledError> {
    std::fs::read_to_string(path).map_err(|source| TailscaledError::File { path: path.to_owned(), source })
}

/// Gives a finished folder its name. Another process may have been quicker, with the same contents.
fn keep(making: tempfile::TempDir, kept: &Path) -> io::Result<()> {
    match std::fs::rename(making.path(), kept) {
        Ok(()) => {
            // Nothing is at the temporary path any more, so nothing is to be removed there.
            let _moved = making.keep();
            std::fs::set_permissions(kept, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        }
        Err(_) if kept.join("tailscaled").is_file() => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_module_is_stamped() {
        let cases = [
            (
                "module m\n\nrequire tailscale.com/client v9.0.0\nrequire (\n\ttailscale.com v1.102.5 // indirect\n)\n",
                "-s -w -X tailscale.com/version.shortStamp=1.102.5 -X tailscale.com/version.longStamp=1.102.5",
            ),
            ("module m\n", "-s -w"),
        ];
        for (go_mod, wanted) in cases {
            assert_eq!(link_flags(go_mod), wanted);
        }
    }
}
