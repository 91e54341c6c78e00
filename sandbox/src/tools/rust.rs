//! This workspace's own programs. Cargo decides what has to be built again; each is built by the command that
//! uses it later, so that this later use has nothing left to do.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::progress::Progress;
use crate::run::Run;
use crate::settings::Settings;

/// The stack program and the provider plugin, which Pulumi starts with `cargo run`, and what they usually take.
const STARTED_BY_PULUMI: [(&str, u64); 2] = [("infra", 25), ("porch-provider", 60)];

/// What cargo built that the sandbox starts itself.
pub(super) struct Own {
    pub(super) lambda_runner: PathBuf,
    pub(super) fake_amazon: PathBuf,
    pub(super) doorbell: PathBuf,
    pub(super) hue_bridge: PathBuf,
}

/// Cargo in one checkout.
pub(super) struct Rust<'a> {
    cargo: PathBuf,
    layout: &'a Layout,
}

impl<'a> Rust<'a> {
    /// Cargo for the checkout that `layout` describes.
    #[must_use]
    pub(super) fn new(settings: &Settings, layout: &'a Layout) -> Self {
        Self { cargo: settings.find("cargo").unwrap_or_else(|| PathBuf::from("cargo")), layout }
    }

    /// Builds all of them.
    pub(super) async fn set_up(&self, progress: &Progress) -> Result<Own> {
        for (package, seconds) in STARTED_BY_PULUMI {
            self.build(package, &[], seconds, progress).await?;
        }
        let hue_bridge =
            self.build("hue", &["--features", "fake", "--example", "bridge"], 20, progress).await?;
        Ok(Own {
            lambda_runner: self.program("lambda-runner", "lambda-runner", 75, progress).await?,
            fake_amazon: self.program("fake-amazon", "fake-amazon", 30, progress).await?,
            doorbell: self.program("device", "porch-doorbell", 30, progress).await?,
            hue_bridge: found(&hue_bridge, "bridge")?,
        })
    }

    /// Builds `package` and gives the path of its program `name`.
    pub(super) async fn program(
        &self,
        package: &str,
        name: &str,
        seconds: u64,
        progress: &Progress,
    ) -> Result<PathBuf> {
        found(&self.build(package, &[], seconds, progress).await?, name)
    }

    async fn build(&self, package: &str, args: &[&str], seconds: u64, progress: &Progress) -> Result<String> {
        let name = format!("build {package}");
        let build = Run::new(&name, &self.cargo)
            .args(["build", "--package", package, "--message-format=json-render-diagnostics"])
            .args(args)
            .folder(&self.layout.repository);
        let estimate = Duration::from_secs(seconds);
        Ok(progress.step(&name, Some(estimate), build.output()).await?.stdout)
    }
}

fn found(messages: &str, name: &str) -> Result<PathBuf> {
    executable(messages, name).ok_or_else(|| {
        Error::Answer(format!("cargo build does not say where it put {name}; run it by hand to see why"))
    })
}

/// Where cargo put the program or example `name`, from its JSON messages.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()).find_map(
        |message| {
            let kind = &message["target"]["kind"][0];
            let is_it = message["target"]["name"] == name && (kind == "bin" || kind == "example");
            message["executable"].as_str().filter(|_| is_it).map(PathBuf::from)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_cargo_s_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"lambda-runner"},"executable":null}"#,
            "\nnot json\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"lambda-runner"},"executable":"/t/lambda-runner"}"#,
        );
        assert_eq!(executable(messages, "lambda-runner"), Some("/t/lambda-runner".into()));
        assert_eq!(executable(messages, "other"), None);
    }
}
