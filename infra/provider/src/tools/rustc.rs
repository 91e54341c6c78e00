//! Which compiler it is.

use std::path::Path;

use super::{Command, Environment, Tool, ToolError};
use crate::task::Task;

/// The compiler's release and commit, without the machine it runs on: of `rustc`, or of the one that is used in `folder`.
pub(crate) async fn rust_version(
    folder: &Path,
    rustc: Option<&Path>,
    environment: &Environment,
    task: &Task,
) -> Result<String, ToolError> {
    let mut ask = Command::new(Tool::Rustc, "asking for the Rust version", folder).arguments(["-vV"]);
    if let Some(rustc) = rustc {
        ask = ask.file(rustc);
    }
    let text = ask.run(environment, task, |_| ()).await?;
    let told = text.lines().filter(|line| line.starts_with("release:") || line.starts_with("commit-hash:"));
    Ok(told.collect::<Vec<_>>().join(" "))
}
