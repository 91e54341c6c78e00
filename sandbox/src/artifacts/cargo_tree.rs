//! The crates that are in a program: what cargo says it links for one target, with the hashes of the lock file.
//!
//! `cargo tree` resolves features for this one package and target, as its build does. `cargo metadata` would have
//! every crate that some target, test or other member of the workspace needs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::sbom::Component;
use crate::error::{Error, Result};

/// How `cargo tree` is to print each crate, and the arguments for it.
pub(super) const ARGUMENTS: [&str; 8] =
    ["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", " {p} | {l}"];

/// Crates, the program's own first, and who needs whom, by package URL.
#[derive(Debug, Default)]
pub(super) struct Crates {
    pub(super) components: Vec<Component>,
    pub(super) dependencies: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
struct LockFile {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// Reads what `cargo tree` printed, and a `Cargo.lock`.
///
/// # Errors
/// When one of them is not understood.
pub(super) fn read(tree: &str, lock: &str) -> Result<Crates> {
    let lock: LockFile =
        toml::from_str(lock).map_err(|_| Error::Answer("Cargo.lock is no lock file".into()))?;
    let checksums: BTreeMap<(&str, &str), &str> = lock
        .package
        .iter()
        .filter_map(|locked| {
            Some(((locked.name.as_str(), locked.version.as_str()), locked.checksum.as_deref()?))
        })
        .collect();
    let mut crates = Crates::default();
    // Who is above, from the program down.
    let mut above: Vec<String> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let not_understood =
            || Error::Answer(format!("cargo tree printed `{line}`, which is not understood"));
        let (depth, rest) = line.split_once(' ').ok_or_else(not_understood)?;
        let depth: usize = depth.parse().map_err(|_| not_understood())?;
        let (package, licence) = rest.split_once(" |").ok_or_else(not_understood)?;
        let mut words = package.split(' ');
        let (Some(name), Some(version)) =
            (words.next(), words.next().and_then(|word| word.strip_prefix('v')))
        else {
            return Err(not_understood());
        };
        // What is repeated was printed with all that is below it before.
        let licence = licence.trim_end_matches(" (*)").trim();
        let reference = format!("pkg:cargo/{name}@{version}");
        above.truncate(depth);
        if let Some(parent) = above.last() {
            crates.dependencies.entry(parent.clone()).or_default().insert(reference.clone());
        }
        above.push(reference.clone());
        if crates.components.iter().any(|known| known.reference == reference) {
            continue;
        }
        crates.components.push(Component {
            kind: "library",
            name: name.into(),
            version: version.into(),
            reference,
            // The older way of saying it, which is no SPDX expression.
            licence: (!licence.is_empty()).then(|| licence.replace('/', " OR ")),
            sha256: checksums.get(&(name, version)).map(|&checksum| checksum.into()),
            go_sum: None,
        });
    }
    if crates.components.is_empty() {
        return Err(Error::Answer("cargo tree printed nothing".into()));
    }
    Ok(crates)
}
