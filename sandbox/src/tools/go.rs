//! Tools from Go modules: each has a `go.mod` and `go.sum` in the tree that pin it and all it needs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cache::{Entry, Key};
use crate::error::{Error, Result};
use crate::layout::{Layout, read_text};
use crate::progress::Progress;
use crate::run::Run;
use crate::settings::Settings;

/// The Pulumi that the YAML host's compiler option and `PULUMI_OPTION_*` were tried with.
const PULUMI_AT_LEAST: (u32, u32, u32) = (3, 259, 0);
/// The Go tools of one checkout.
pub(super) struct Go<'a> {
    settings: &'a Settings,
    layout: &'a Layout,
    go: PathBuf,
}

/// Where Pulumi comes from.
pub(super) enum Pulumi {
    /// Built into the cache.
    Built(GoTool),
    /// The person's own.
    Installed(PathBuf),
}

impl Pulumi {
    /// What has to be built, if anything.
    pub(super) fn tool(&self) -> Option<&GoTool> {
        match self {
            Self::Built(tool) => Some(tool),
            Self::Installed(_) => None,
        }
    }
}

/// One folder of programs built from one Go module.
pub(super) struct GoTool {
    name: &'static str,
    estimate: Duration,
    go: PathBuf,
    module: PathBuf,
    log: PathBuf,
    packages: &'static [&'static str],
    ld_flags: String,
    entry: Entry,
}

impl<'a> Go<'a> {
    /// The Go tools of the checkout that `layout` describes.
    #[must_use]
    pub(super) fn new(settings: &'a Settings, layout: &'a Layout) -> Self {
        Self { settings, layout, go: settings.find("go").unwrap_or_else(|| PathBuf::from("go")) }
    }

    /// The CLI with its YAML host: the person's own when both are on `PATH` and new enough.
    pub(super) fn pulumi(&self) -> Result<Pulumi> {
        if let Some(program) = self.installed_pulumi() {
            return Ok(Pulumi::Installed(program));
        }
        let module = self.layout.source("tools/pulumi");
        let version =
            required_version(&read_text(&module.join("go.mod"))?, "github.com/pulumi/pulumi/pkg/v3")?;
        let set = format!("-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={version}");
        self.tool(
            "pulumi",
            Duration::from_secs(240),
            module,
            &[
                "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
                "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
            ],
            &set,
        )
        .map(Pulumi::Built)
    }

    /// The control server of the sandbox's tailnet.
    pub(super) fn headscale(&self) -> Result<GoTool> {
        let module = self.layout.source("tools/headscale");
        let packages = &["github.com/juanfont/headscale/cmd/headscale"];
        self.tool("headscale", Duration::from_secs(200), module, packages, "")
    }

    /// tailscaled and its command line with everything that they can do, as the usual design has them: from the module
    /// that pins the function's own tailscaled.
    pub(super) fn whole_tailscale(&self) -> Result<GoTool> {
        let module = self.layout.repository.join("crates/tailnet/tailscaled");
        let packages = &["tailscale.com/cmd/tailscale", "tailscale.com/cmd/tailscaled"];
        self.tool("whole-tailscale", Duration::from_secs(180), module, packages, "")
    }

    fn installed_pulumi(&self) -> Option<PathBuf> {
        let pulumi = self.settings.find("pulumi")?;
        let has_host = pulumi.with_file_name("pulumi-language-yaml").exists();
        // Started without tokio: this is asked once, before anything else runs, and takes a tenth of a second.
        let answer = std::process::Command::new(&pulumi)
            .arg("version")
            .env("PULUMI_SKIP_UPDATE_CHECK", "true")
            .output()
            .ok()?;
        let version = version(String::from_utf8_lossy(&answer.stdout).trim())?;
        (has_host && version >= PULUMI_AT_LEAST).then_some(pulumi)
    }

    fn tool(
        &self,
        name: &'static str,
        estimate: Duration,
        module: PathBuf,
        packages: &'static [&'static str],
        ld_flags: &str,
    ) -> Result<GoTool> {
        let ld_flags = format!("-s -w {ld_flags}").trim_end().to_string();
        let key = Key::new("go 1")
            .with_file(&module.join("go.mod"))?
            .with_file(&module.join("go.sum"))?
            .with(packages.join(" "))
            .with(&ld_flags);
        let entry = Entry::new(&self.settings.cache, name, &key);
        let log = self.layout.log(&format!("build-{name}"));
        Ok(GoTool { name, estimate, go: self.go.clone(), module, log, packages, ld_flags, entry })
    }
}

impl GoTool {
    /// How long building will take; `None` when it is built already.
    #[must_use]
    pub(super) fn missing(&self) -> Option<Duration> {
        (!self.entry.is_built()).then_some(self.estimate)
    }

    /// Builds it unless it is there, and gives the folder of its programs.
    pub(super) async fn set_up(&self, progress: &Progress) -> Result<PathBuf> {
        if self.entry.is_built() {
            self.entry.used()?;
            return Ok(self.entry.folder.clone());
        }
        let build = self.entry.build(|folder| self.compile(folder));
        progress.step(&format!("build {}", self.name), Some(self.estimate), build).await?;
        Ok(self.entry.folder.clone())
    }

    async fn compile(&self, folder: PathBuf) -> Result<()> {
        let args =
            ["build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", &self.ld_flags, "-o"];
        Run::new(format!("build {}", self.name), &self.go)
            .args(args)
            .args([folder_argument(&folder)])
            .args(self.packages)
            .env([("CGO_ENABLED", "0"), ("GOWORK", "off")])
            .folder(&self.module)
            .logged(&self.log)
            .await
    }
}

/// `go build -o` takes a folder only with a slash at its end.
fn folder_argument(folder: &Path) -> String {
    format!("{}/", folder.display())
}

/// The version of `module` that a `go.mod` requires, like `v3.259.0`.
fn required_version(go_mod: &str, module: &str) -> Result<String> {
    let words = |line: &str| line.split_whitespace().map(str::to_string).collect::<Vec<_>>();
    go_mod
        .lines()
        .map(words)
        .find_map(|words| {
            let at = words.iter().position(|word| word == module)?;
            words.get(at + 1).filter(|version| version.starts_with('v')).cloned()
        })
        .ok_or_else(|| Error::Answer(format!("the Pulumi tools' go.mod does not require {module}")))
}

/// `v3.259.0` or `3.259.0-rc.1` as numbers.
fn version(text: &str) -> Option<(u32, u32, u32)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut numbers = text.split(['.', '-', '+']).map(str::parse::<u32>);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_required_version_is_read_from_go_mod() {
        let go_mod =
            "module x\n\nrequire (\n\tgithub.com/a/b v1.0.0\n\tgithub.com/a/b/c v2.1.3 // indirect\n)\n";
        assert_eq!(required_version(go_mod, "github.com/a/b/c").unwrap(), "v2.1.3");
        assert!(required_version(go_mod, "github.com/a").is_err());
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version("v3.259.0") >= Some(PULUMI_AT_LEAST));
        assert!(version("v3.1000.2-dev") > Some(PULUMI_AT_LEAST));
        assert!(version("v3.99.0") < Some(PULUMI_AT_LEAST));
        assert_eq!(version("unknown"), None);
    }
}
