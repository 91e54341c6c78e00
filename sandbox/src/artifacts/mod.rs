//! What `cargo xtask artifacts` writes: everything that a stack of this checkout deploys, what it is made of, and the hashes
//! of it all.
//!
//! | file | what |
//! |---|---|
//! | `porch-FUNCTION-ARCHITECTURE.oci.tar` | a function's image, as an archive of an OCI image layout |
//! | `porch-doorbell_VERSION_ARCHITECTURE.deb` | the daemon's package |
//! | each of them with `.cdx.json` | its bill of materials |
//! | `SHA256SUMS` | what `sha256sum --check` takes |
//!
//! The same commit gives the same bytes: the package is dated by the commit.

mod cargo_tree;
mod go_modules;
mod sbom;

use std::path::{Path, PathBuf};
use std::time::Duration;

use porch_provider::function_image::{self, Recipe};
use porch_provider::{Architecture, Environment, Profile, Task, device_package, function_target, tailscaled};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::Sandbox;
use crate::error::{Doing, Error, Result};
use crate::layout::{make_folder, read_text};
use crate::progress::Progress;
use crate::run::Run;
use crate::tools;
use cargo_tree::Crates;
use sbom::Component;

/// Where the hashes are written.
pub const SUMS: &str = "SHA256SUMS";

/// The pinned module of tailscaled.
const TAILSCALED: &str = "crates/tailnet/tailscaled";

/// A function that has an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Name of its crate, in `functions/`.
    pub name: &'static str,
    /// Whether tailscaled goes into its image.
    pub has_tailscaled: bool,
}

/// Every function that a stack can have.
pub const FUNCTIONS: [Function; 2] =
    [Function { name: "bridge", has_tailscaled: true }, Function { name: "doorbell", has_tailscaled: false }];

/// What is to be built.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Images.
    pub functions: &'a [Function],
    /// What the images are for.
    pub architecture: Architecture,
    /// Packages, by what they are for.
    pub packages: &'a [package::Architecture],
}

/// Something built, in its file.
struct Artifact {
    file: String,
    data: Vec<u8>,
    /// What it is, with what is in it.
    bill: String,
}

impl Sandbox {
    /// Builds what is `wanted` into `folder`, which is made if need be, and gives the names of the files there.
    ///
    /// # Errors
    /// When something cannot be built, or the folder not be written.
    pub async fn write_artifacts(
        &self,
        wanted: &Wanted<'_>,
        folder: &Path,
        progress: &Progress,
    ) -> Result<Vec<String>> {
        make_folder(folder)?;
        let build = self.build_tools(progress).await?;
        let mut artifacts = Vec::new();
        for function in wanted.functions {
            artifacts.push(self.image(*function, wanted.architecture, &build, progress).await?);
        }
        for architecture in wanted.packages {
            artifacts.push(self.package(*architecture, &build, progress).await?);
        }
        let mut written = Vec::new();
        for Artifact { file, data, bill } in artifacts {
            written.push((format!("{file}.cdx.json"), bill.into_bytes()));
            written.push((file, data));
        }
        written.sort();
        let sums: String = written.iter().map(|(file, data)| sum(file, data)).collect();
        written.push((SUMS.into(), sums.into_bytes()));
        for (file, data) in &written {
            let path = folder.join(file);
            std::fs::write(&path, data).doing(|| format!("write {}", path.display()))?;
        }
        Ok(written.into_iter().map(|(file, _)| file).collect())
    }

    /// What builds functions and packages, with the sandbox's pinned tools first.
    async fn build_tools(&self, progress: &Progress) -> Result<Environment> {
        let Self { settings, layout } = self;
        let lambda = self.python_tools(progress).await?;
        let zig = tools::cross_compiler(settings, layout, progress).await?;
        Ok(settings.build_environment.clone().with_path(settings.path_with(&[&zig, &lambda])))
    }

    async fn image(
        &self,
        function: Function,
        architecture: Architecture,
        environment: &Environment,
        progress: &Progress,
    ) -> Result<Artifact> {
        let Function { name, has_tailscaled } = function;
        let repository = &self.layout.repository;
        let (source, module) = (repository.join("functions").join(name), repository.join(TAILSCALED));
        let (task, cache) = (Task::silent(), &self.settings.cache);
        let recipe = Recipe {
            function: &source,
            tailscaled: has_tailscaled.then_some(&module),
            architecture,
            profile: Profile::Release,
            cache,
        };
        let building = async {
            let built = function_image::build(recipe, environment, &task).await;
            built.map_err(|error| Error::Answer(error.to_string()))
        };
        let what = format!("build the image of {name} for {architecture}");
        let built = progress.step(&what, Some(Duration::from_secs(240)), building).await?;
        let mut crates = self.crates(name, &[], &function_target(architecture)).await?;
        let mut components = std::mem::take(&mut crates.components);
        let mut parts = vec![components[0].reference.clone()];
        if has_tailscaled {
            let program = tailscaled::build(&module, architecture, cache, environment, &task).await;
            let program = program.map_err(|error| Error::Answer(error.to_string()))?;
            let modules = self.go_modules(&program).await?;
            let [_, own, others @ ..] = &modules[..] else {
                return Err(Error::Answer(format!("go version tells no modules of {}", program.display())));
            };
            parts.push(own.reference.clone());
            let needs = modules.iter().chain(others).map(|module| module.reference.clone());
            let needs = needs.filter(|needed| *needed != own.reference).collect();
            crates.dependencies.insert(own.reference.clone(), needs);
            components.extend(modules);
        }
        let version = components[0].version.clone();
        let digest = built.digest.trim_start_matches("sha256:").to_owned();
        let artifact = Component {
            kind: "container",
            name: format!("porch-{name}"),
            reference: format!("pkg:oci/porch-{name}@sha256%3A{digest}?arch={}", architecture.go()),
            version,
            licence: components[0].licence.clone(),
            sha256: Some(digest),
            go_sum: None,
        };
        crates.dependencies.insert(artifact.reference.clone(), parts.into_iter().collect());
        let bill = sbom::document(&artifact, &components, &crates.dependencies);
        let file = format!("porch-{name}-{architecture}.oci.tar");
        Ok(Artifact { file, data: built.archive.to_vec(), bill })
    }

    async fn package(
        &self,
        architecture: package::Architecture,
        environment: &Environment,
        progress: &Progress,
    ) -> Result<Artifact> {
        let (repository, task) = (&self.layout.repository, Task::silent());
        let date = self.date_of_commit().await?;
        let building = async {
            let built = device_package::build(repository, architecture, date, environment, &task).await;
            built.map_err(|error| Error::Answer(error.to_string()))
        };
        let what = format!("build the package porch-doorbell for {architecture}");
        let built = progress.step(&what, Some(Duration::from_secs(240)), building).await?;
        let mut crates =
            self.crates("device", &["--features", device_package::FEATURES], built.target).await?;
        let version = built.version.to_string();
        let artifact = Component {
            kind: "application",
            name: package::NAME.into(),
            reference: format!("pkg:deb/{}@{version}?arch={architecture}", package::NAME),
            version: version.clone(),
            licence: crates.components[0].licence.clone(),
            sha256: Some(hex(&built.package)),
            go_sum: None,
        };
        let own = crates.components[0].reference.clone();
        crates.dependencies.insert(artifact.reference.clone(), [own].into());
        let bill = sbom::document(&artifact, &crates.components, &crates.dependencies);
        let file = format!("{}_{version}_{architecture}.deb", package::NAME);
        Ok(Artifact { file, data: built.package, bill })
    }

    /// The crates in the program of `package` for `target`, with `features`.
    async fn crates(&self, package: &str, features: &[&str], target: &str) -> Result<Crates> {
        let cargo = self.settings.find("cargo").unwrap_or_else(|| "cargo".into());
        let run = Run::new("list the crates of a program", cargo).folder(&self.layout.repository);
        let run =
            run.args(cargo_tree::ARGUMENTS).args(["--package", package, "--target", target]).args(features);
        let lock = read_text(&self.layout.repository.join("Cargo.lock"))?;
        cargo_tree::read(&run.output().await?.stdout, &lock)
    }

    /// The Go modules in `program`.
    async fn go_modules(&self, program: &Path) -> Result<Vec<Component>> {
        let go = self.settings.find("go").unwrap_or_else(|| PathBuf::from("go"));
        let run = Run::new("list the modules of a program", go).args(["version", "-m"]).args([program]);
        Ok(go_modules::read(&run.output().await?.stdout))
    }

    /// When the commit was made that is checked out; 1970 where there is no git.
    async fn date_of_commit(&self) -> Result<OffsetDateTime> {
        if !self.layout.repository.join(".git").exists() {
            return Ok(OffsetDateTime::UNIX_EPOCH);
        }
        let git = self.settings.find("git").unwrap_or_else(|| "git".into());
        let run = Run::new("ask git for the commit's date", git).folder(&self.layout.repository);
        let answer = run.args(["log", "-1", "--format=%ct"]).output().await?.stdout;
        let seconds = answer.trim().parse().ok();
        seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()).ok_or_else(|| {
            Error::Answer(format!("git log printed `{}`, expected the date of a commit", answer.trim()))
        })
    }
}

/// A line of [`SUMS`].
fn sum(file: &str, data: &[u8]) -> String {
    format!("{}  {file}\n", hex(data))
}

fn hex(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
