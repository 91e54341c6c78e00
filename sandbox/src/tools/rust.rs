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

/// A program of this workspace.
pub(super) struct OwnProgram {
    /// Its name.
    name: &'static str,
    /// Of which package it is.
    package: &'static str,
    /// What else cargo is told.
    options: &'static [&'static str],
    /// What it usually takes, in seconds.
    seconds: u64,
}

impl OwnProgram {
    /// The child that decodes a camera's stream.
    pub(super) const CAMERA_DECODER: Self = Self::new("camera-decoder", "camera", &[], 60);
    /// The daemon at the door, built as the one in its package.
    pub(super) const SHIPPED_DOORBELL: Self =
        Self::new("porch-doorbell", "device", &["--profile", "device", "--features", "gpiocdev,rppal"], 180);

    const LAMBDA_RUNNER: Self = Self::new("lambda-runner", "lambda-runner", &[], 75);
    const FAKE_AMAZON: Self = Self::new("fake-amazon", "fake-amazon", &[], 30);
    const DOORBELL: Self = Self::new("porch-doorbell", "device", &[], 30);
    /// The Hue Bridge of its crate's tests.
    const HUE_BRIDGE: Self = Self::new("bridge", "hue", &["--features", "fake", "--example", "bridge"], 30);

    const fn new(
        name: &'static str,
        package: &'static str,
        options: &'static [&'static str],
        seconds: u64,
    ) -> Self {
        Self { name, package, options, seconds }
    }
}

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
        Ok(Own {
            lambda_runner: self.program(&OwnProgram::LAMBDA_RUNNER, progress).await?,
            fake_amazon: self.program(&OwnProgram::FAKE_AMAZON, progress).await?,
            doorbell: self.program(&OwnProgram::DOORBELL, progress).await?,
            hue_bridge: self.program(&OwnProgram::HUE_BRIDGE, progress).await?,
        })
    }

    /// Builds a program and gives its path.
    pub(super) async fn program(&self, program: &OwnProgram, progress: &Progress) -> Result<PathBuf> {
        let OwnProgram { name, package, options, seconds } = program;
        let messages = self.build(package, options, *seconds, progress).await?;
        executable(&messages, name).ok_or_else(|| {
            Error::Answer(format!("cargo build does not say where it put {name}; run it by hand to see why"))
        })
    }

    async fn build(
        &self,
        package: &str,
        options: &[&str],
        seconds: u64,
        progress: &Progress,
    ) -> Result<String> {
        let name = format!("build {package}");
        let build = Run::new(&name, &self.cargo)
            .args(["build", "--package", package, "--message-format=json-render-diagnostics"])
            .args(options)
            .folder(&self.layout.repository);
        let estimate = Duration::from_secs(seconds);
        Ok(progress.step(&name, Some(estimate), build.output()).await?.stdout)
    }
}

/// Where cargo put the program `name`, from its JSON messages.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()).find_map(
        |message| {
            let kind = message["target"]["kind"][0].as_str();
            let is_it = message["target"]["name"] == name && matches!(kind, Some("bin" | "example"));
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
