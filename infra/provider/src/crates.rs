//! The crate of a program and the path dependencies that are compiled into it, as cargo sees them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::task::Task;
use crate::tools::{Command, Environment, Tool, ToolError};

/// Why the crate cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CratesError {
    #[error(transparent)]
    Cargo(#[from] ToolError),
    #[error("cargo metadata of {} is not understood: {source}", manifest.display())]
    Metadata { manifest: PathBuf, source: serde_json::Error },
    #[error("{} is a workspace without a package of its own; name the folder of one crate", .0.display())]
    NoPackage(PathBuf),
    #[error(
        "crate `{package}` has {found} binaries, and one is to be built: keep one, or name it with `default-run`"
    )]
    NotOneBinary { package: String, found: usize },
}

impl CratesError {
    /// Whether it ended because somebody asked for that.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cargo(error) if error.is_cancelled())
    }
}

/// A crate whose sources are in the tree.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) edition: String,
    manifest_path: PathBuf,
    dependencies: Vec<Value>,
    targets: Vec<Target>,
    default_run: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl Package {
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// Dependencies that can end up in the binary, workspace inheritance resolved: all but the tests' own.
    pub(crate) fn dependencies(&self) -> impl Iterator<Item = &Value> {
        self.dependencies.iter().filter(|dependency| dependency["kind"] != "dev")
    }

    fn path_dependencies(&self) -> impl Iterator<Item = PathBuf> {
        self.dependencies().filter_map(|dependency| dependency["path"].as_str()).map(PathBuf::from)
    }
}

/// A program's crate with everything local that is compiled into it.
#[derive(Debug)]
pub(crate) struct Crates {
    /// The program's own package.
    pub(crate) own: Package,
    /// That package and its path dependencies, near and far, by folder.
    pub(crate) packages: BTreeMap<PathBuf, Package>,
    pub(crate) workspace_root: PathBuf,
    pub(crate) target_directory: PathBuf,
}

impl Crates {
    /// Reads the crate in `folder`, which must hold a `Cargo.toml`.
    pub(crate) async fn read(
        folder: &Path,
        environment: &Environment,
        task: &Task,
    ) -> Result<Self, CratesError> {
        let first = metadata(folder, environment, task).await?;
        let (workspace_root, target_directory) = (first.workspace_root, first.target_directory);
        let mut known = by_folder(first.packages);
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let Some(own) = known.get(&folder).cloned() else {
            return Err(CratesError::NoPackage(folder));
        };
        let mut packages = BTreeMap::new();
        let mut waiting = vec![folder];
        while let Some(folder) = waiting.pop() {
            if packages.contains_key(&folder) {
                continue;
            }
            if !known.contains_key(&folder) {
                // A path dependency outside the workspace.
                known.extend(by_folder(metadata(&folder, environment, task).await?.packages));
            }
            let Some(package) = known.remove(&folder) else { return Err(CratesError::NoPackage(folder)) };
            waiting.extend(package.path_dependencies());
            packages.insert(folder, package);
        }
        Ok(Self { own, packages, workspace_root, target_directory })
    }

    /// The name of the package's one binary.
    pub(crate) fn binary(&self) -> Result<&str, CratesError> {
        let package = &self.own;
        let binaries: Vec<&str> = package
            .targets
            .iter()
            .filter(|target| target.kind.iter().any(|kind| kind == "bin"))
            .map(|target| target.name.as_str())
            .collect();
        match (&package.default_run, binaries.as_slice()) {
            (Some(name), _) => Ok(name),
            (None, [name]) => Ok(name),
            (None, found) => {
                Err(CratesError::NotOneBinary { package: package.name.clone(), found: found.len() })
            }
        }
    }
}

async fn metadata(folder: &Path, environment: &Environment, task: &Task) -> Result<Metadata, CratesError> {
    let manifest = folder.join("Cargo.toml");
    let json = Command::new(Tool::Cargo, format!("reading {}", manifest.display()), folder)
        .arguments(["metadata", "--no-deps", "--format-version", "1", "--color", "never"])
        .run(environment, task, |_| ())
        .await?;
    serde_json::from_str(&json).map_err(|source| CratesError::Metadata { manifest, source })
}

fn by_folder(packages: Vec<Package>) -> BTreeMap<PathBuf, Package> {
    packages.into_iter().map(|package| (package.folder().to_owned(), package)).collect()
}
