//! Rules of the workspace that no tool checks by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::Table;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn table(path: impl AsRef<Path>) -> Table {
    read(path).parse().expect("TOML")
}

fn members() -> Vec<PathBuf> {
    let workspace = table("Cargo.toml");
    let members = workspace["workspace"]["members"].as_array().expect("a list");
    members.iter().map(|member| Path::new(member.as_str().expect("a path")).join("Cargo.toml")).collect()
}

#[test]
fn every_crate_inherits_the_lints_and_the_toolchain() {
    for manifest in members() {
        let crate_ = table(&manifest);
        let inherits =
            |value: &toml::Value| value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        assert!(crate_.get("lints").is_some_and(inherits), "{}: lints", manifest.display());
        for field in ["version", "edition", "rust-version", "license", "publish"] {
            assert!(crate_["package"].get(field).is_some_and(inherits), "{}: {field}", manifest.display());
        }
    }
    let oldest = table("Cargo.toml")["workspace"]["package"]["rust-version"].clone();
    assert_eq!(
        oldest,
        table("rust-toolchain.toml")["toolchain"]["channel"],
        "the toolchain is the oldest one supported"
    );
}

#[test]
fn versions_of_dependencies_are_in_the_root_manifest_only() {
    for manifest in members() {
        let crate_ = table(&manifest);
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, entry) in crate_.get(kind).and_then(toml::Value::as_table).into_iter().flatten() {
                let inherited = entry.get("workspace").and_then(toml::Value::as_bool) == Some(true);
                // A crate's own tests turn on its features with a dependency on itself.
                let is_itself = entry.get("path").and_then(toml::Value::as_str) == Some(".");
                assert!(inherited || is_itself, "{}: {kind}.{name}", manifest.display());
            }
        }
    }
}

#[test]
fn the_readme_names_only_commands_that_there_are() {
    let readme = read("README.md");
    let words =
        |rest: &str| rest.split(|letter: char| !letter.is_ascii_lowercase()).next().map(str::to_string);
    let named: Vec<String> = readme.split("cargo xtask ").skip(1).filter_map(words).collect();
    assert!(named.len() > 5, "{named:?}");
    for command in named {
        let help = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args([&command, "--help"])
            .output()
            .expect("xtask starts");
        assert!(help.status.success(), "`cargo xtask {command}`: {}", String::from_utf8_lossy(&help.stderr));
    }
}
