//! The function's own binary: static, so that an image needs nothing else, and the same from any checkout.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::architecture::Architecture;
use crate::crates::{Crates, CratesError};
use crate::task::Task;
use crate::tools::{Command, Environment, Tool, ToolError};

/// Rises when the way a function is built changes what comes out.
pub(crate) const RECIPE: u32 = 1;

/// A whole dependency tree on a small machine takes minutes; this is for a build that hangs.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// Why there is no binary.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FunctionError {
    #[error(transparent)]
    Crates(#[from] CratesError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error("cargo-lambda ended well but left no binary at {}: {source}", path.display())]
    NoBinary { path: PathBuf, source: std::io::Error },
}

/// How an architecture is reached from this machine.
struct Compiler {
    /// cargo-lambda's `--compiler`.
    name: &'static str,
    target: String,
    flags: &'static [&'static str],
}

impl Compiler {
    /// The machine's own compiler links glibc in. For another architecture cargo-lambda's zig does it, with musl,
    /// because zig has no static glibc.
    fn for_architecture(architecture: Architecture) -> Self {
        let native = cfg!(target_os = "linux") && Architecture::of_this_machine() == Some(architecture);
        if native {
            let target = format!("{}-unknown-linux-gnu", architecture.rust());
            Self { name: "cargo", target, flags: &["-Ctarget-feature=+crt-static"] }
        } else {
            let target = format!("{}-unknown-linux-musl", architecture.rust());
            Self { name: "cargo-zigbuild", target, flags: &[] }
        }
    }
}

/// Builds the binary of `crates` and returns its bytes.
///
/// It has a target folder of its own, so that it neither waits for nor disturbs a cargo that a person runs.
pub(crate) async fn build(
    crates: &Crates,
    architecture: Architecture,
    environment: &Environment,
    task: &Task,
) -> Result<Vec<u8>, FunctionError> {
    let package = &crates.function.name;
    let binary = crates.binary()?;
    let compiler = Compiler::for_architecture(architecture);
    let what = format!("building {package} for {architecture}");
    let target_directory = crates.target_directory.join("function");
    let lambda_directory = target_directory.join("lambda").join(architecture.name());
    task.status(what.clone());
    Command::new(Tool::CargoLambda, what.clone(), &crates.workspace_root)
        .arguments(["lambda", "build", "--release", "--locked", "--color", "never"])
        .arguments(["--compiler", compiler.name, "--target", &compiler.target])
        .arguments(["--package", package, "--bin", binary, "--lambda-dir"])
        .arguments([&lambda_directory])
        .variable("CARGO_TARGET_DIR", &target_directory)
        .variable("CARGO_ENCODED_RUSTFLAGS", flags(&compiler, &crates.workspace_root, environment))
        .limit(LIMIT)
        .run(environment, task, |line| {
            if let Some(step) = step(line) {
                task.detail(|| format!("{what}: {step}"));
            }
        })
        .await?;
    let path = lambda_directory.join(binary).join("bootstrap");
    std::fs::read(&path).map_err(|source| FunctionError::NoBinary { path, source })
}

/// What cargo is at, from a line of its output: the crate it compiles, the download or lock it waits for.
fn step(line: &str) -> Option<&str> {
    let line = line.trim();
    match line.split_once(' ')? {
        // A local crate is followed by its folder, which says nothing here.
        ("Compiling", of) => of.split(" (").next(),
        ("Blocking" | "Downloaded" | "Downloading" | "Updating", _) => Some(line),
        _ => None,
    }
}

/// The compiler's flags, in cargo's encoding that allows spaces in paths. Source paths end up in panic messages:
/// they are written as `/porch/…` and `/cargo/…` wherever the checkout and cargo's home are.
fn flags(compiler: &Compiler, workspace_root: &Path, environment: &Environment) -> OsString {
    let mut flags: Vec<OsString> = compiler.flags.iter().map(OsString::from).collect();
    let moved = [(Some(workspace_root.to_owned()), "/porch"), (environment.cargo_home(), "/cargo")];
    for (from, to) in moved {
        if let Some(from) = from {
            let mut flag = OsString::from("--remap-path-prefix=");
            flag.push(from);
            flag.push("=");
            flag.push(to);
            flags.push(flag);
        }
    }
    flags.join(OsString::from("\x1f").as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_cargo_become_steps() {
        let cases = [
            ("   Compiling serde v1.0.229", Some("serde v1.0.229")),
            ("   Compiling echo v0.1.0 (/home/me/porch/functions/echo)", Some("echo v0.1.0")),
            (
                "    Blocking waiting for file lock on build directory",
                Some("Blocking waiting for file lock on build directory"),
            ),
            ("warning: unused variable: `x`", None),
            ("", None),
        ];
        for (line, wanted) in cases {
            assert_eq!(step(line), wanted, "{line}");
        }
    }

    #[test]
    fn source_paths_are_hidden_even_with_spaces_in_them() {
        let compiler = Compiler { name: "cargo", target: String::new(), flags: &["-Ca"] };
        let environment = Environment::read(|name| (name == "HOME").then(|| OsString::from("/home/me")));
        let flags = flags(&compiler, Path::new("/my code/porch"), &environment);
        let flags: Vec<&str> = flags.to_str().unwrap().split('\x1f').collect();
        assert_eq!(
            flags,
            [
                "-Ca",
                "--remap-path-prefix=/my code/porch=/porch",
                "--remap-path-prefix=/home/me/.cargo=/cargo",
            ]
        );
    }
}
