//! Which compiler has a standard library for the device: rustup's, Debian's, or Debian's with the library's sources.
//!
//! On a person's machine it is rustup's, with the target added. Debian has its own for machines where rustup's downloads
//! cannot be reached: `rustc-web`, with ready-made libraries for some architectures and their sources for the others.

use std::path::{Path, PathBuf};

use package::Architecture;

use crate::task::Task;
use crate::tools::{Command, Environment, Tool, ToolError, rust_version};

/// Where Debian puts its compiler.
const DEBIAN: &str = "/usr";

/// Why no compiler will do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolchainError {
    /// rustc said no.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// None has the library.
    #[error(
        "Rust has no standard library for {target} on this machine, and a package for {architecture} needs it; add it \
         with `rustup target add {target}`, or, on Debian without rustup's downloads, with `apt install {packages}`"
    )]
    NoLibrary {
        /// Whose package it is.
        architecture: Architecture,
        /// Rust's name for that.
        target: &'static str,
        /// What has the library on Debian.
        packages: &'static str,
    },
}

/// A compiler for one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Toolchain {
    pub(super) target: &'static str,
    /// Another compiler than the one on `PATH`.
    pub(super) rustc: Option<PathBuf>,
    /// The standard library is built along, from its sources.
    pub(super) builds_std: bool,
    /// Its release and commit.
    pub(super) version: String,
}

impl Toolchain {
    /// Finds the one that builds what is in `folder` for `architecture`.
    pub(super) async fn find(
        architecture: Architecture,
        folder: &Path,
        environment: &Environment,
        task: &Task,
    ) -> Result<Self, ToolchainError> {
        Self::find_beside(Path::new(DEBIAN), architecture, folder, environment, task).await
    }

    async fn find_beside(
        debian: &Path,
        architecture: Architecture,
        folder: &Path,
        environment: &Environment,
        task: &Task,
    ) -> Result<Self, ToolchainError> {
        let target = target(architecture);
        let sysroot = Command::new(Tool::Rustc, "asking rustc where its libraries are", folder)
            .arguments(["--print", "sysroot"])
            .run(environment, task, |_| ())
            .await?;
        let has_library = |root: &Path| root.join("lib/rustlib").join(target).join("lib").is_dir();
        let debians = Some(debian.join("bin/rustc")).filter(|rustc| rustc.is_file());
        let has_sources = debian.join("lib/rustlib/src/rust/library/Cargo.lock").is_file();
        let (rustc, builds_std) = match debians {
            _ if has_library(Path::new(sysroot.trim())) => (None, false),
            Some(rustc) if has_library(debian) => (Some(rustc), false),
            Some(rustc) if has_sources => (Some(rustc), true),
            Some(_) | None => {
                let packages = packages(architecture);
                return Err(ToolchainError::NoLibrary { architecture, target, packages });
            }
        };
        let version = rust_version(folder, rustc.as_deref(), environment, task).await?;
        Ok(Self { target, rustc, builds_std, version })
    }
}

/// Rust's name. Debian's armhf begins with ARMv7, Raspberry Pi OS's with the ARMv6 of the first Raspberry Pi and of
/// Zero: what runs there runs everywhere.
fn target(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Amd64 => "x86_64-unknown-linux-gnu",
        Architecture::Arm64 => "aarch64-unknown-linux-gnu",
        Architecture::Armhf => "arm-unknown-linux-gnueabihf",
    }
}

/// Debian's packages. Those of armhf would bring half of a system along, so that the library is built from its sources.
fn packages(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Amd64 => "rustc-web libstd-rust-web-dev:amd64",
        Architecture::Arm64 => "rustc-web libstd-rust-web-dev:arm64",
        Architecture::Armhf => "rustc-web rust-web-src",
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const TARGET: &str = "aarch64-unknown-linux-gnu";

    /// A compiler that only tells where its libraries are, and which one it is.
    fn rustc(root: &Path, release: &str) {
        let rustc = root.join("bin/rustc");
        fs::create_dir_all(root.join("bin")).unwrap();
        let script = format!(
            "#!/bin/sh\ncase $1 in -vV) echo 'release: {release}' ;; *) echo {} ;; esac\n",
            root.display()
        );
        fs::write(&rustc, script).unwrap();
        fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn library(root: &Path) {
        fs::create_dir_all(root.join("lib/rustlib").join(TARGET).join("lib")).unwrap();
    }

    fn sources(root: &Path) {
        let library = root.join("lib/rustlib/src/rust/library");
        fs::create_dir_all(&library).unwrap();
        fs::write(library.join("Cargo.lock"), "").unwrap();
    }

    #[tokio::test]
    async fn the_first_that_has_the_library_is_taken() {
        /// The version, whether it is another one than on `PATH`, and whether it builds the library.
        type Wanted = Option<(&'static str, bool, bool)>;
        type Make = fn(&Path, &Path);
        let nothing: Make = |_, _| ();
        let cases: [(Make, Wanted); 6] = [
            (|own, _| library(own), Some(("release: 1", false, false))),
            (
                |own, debian| {
                    library(own);
                    rustc(debian, "2");
                    library(debian);
                },
                Some(("release: 1", false, false)),
            ),
            (
                |_, debian| {
                    rustc(debian, "2");
                    library(debian);
                    sources(debian);
                },
                Some(("release: 2", true, false)),
            ),
            (
                |_, debian| {
                    rustc(debian, "2");
                    sources(debian);
                },
                Some(("release: 2", true, true)),
            ),
            (|_, debian| library(debian), None),
            (nothing, None),
        ];
        for (at, (make, wanted)) in cases.into_iter().enumerate() {
            let folder = tempfile::tempdir().unwrap();
            let (own, debian) = (folder.path().join("own"), folder.path().join("usr"));
            rustc(&own, "1");
            make(&own, &debian);
            let path = OsString::from(own.join("bin"));
            let environment = Environment::read(|name| (name == "PATH").then(|| path.clone()));
            let found = Toolchain::find_beside(
                &debian,
                Architecture::Arm64,
                folder.path(),
                &environment,
                &Task::silent(),
            )
            .await;
            let found = found.ok().map(|found| (found.version, found.rustc.is_some(), found.builds_std));
            let wanted = wanted.map(|(version, others, builds)| (version.to_owned(), others, builds));
            assert_eq!(found, wanted, "case {at}");
        }
    }

    #[test]
    fn an_absent_library_says_how_to_get_it() {
        let error = ToolchainError::NoLibrary {
            architecture: Architecture::Armhf,
            target: target(Architecture::Armhf),
            packages: packages(Architecture::Armhf),
        };
        insta::assert_snapshot!(error, @"Rust has no standard library for arm-unknown-linux-gnueabihf on this machine, and a package for armhf needs it; add it with `rustup target add arm-unknown-linux-gnueabihf`, or, on Debian without rustup's downloads, with `apt install rustc-web rust-web-src`");
    }
}
