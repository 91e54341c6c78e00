//! Whether this machine can run the sandbox: asked before anything is started or built.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::parts;
use crate::settings::Settings;

/// Programs that have to be on `PATH`, and how to come by them.
const PROGRAMS: [(&str, &str); 7] = [
    ("cargo", "install Rust from https://rustup.rs and open a new shell"),
    ("cc", "install a C compiler (Debian: apt install gcc libc6-dev)"),
    ("c++", "install a C++ compiler (Debian: apt install g++)"),
    ("go", "install Go 1.21 or newer from https://go.dev/dl (it fetches the exact version by itself)"),
    ("python3", "install Python 3 with its venv module (Debian: apt install python3-venv)"),
    ("setsid", "install util-linux (Debian: apt install util-linux)"),
    ("unshare", "install util-linux (Debian: apt install util-linux)"),
];
const MB: u64 = 1024 * 1024;
/// What a first set-up puts into the cache: tools and two Python environments, with room for building them.
const FREE_FOR_TOOLS_MB: u64 = 5_000;
/// What builds in the checkout and the parts' data need.
const FREE_IN_CHECKOUT_MB: u64 = 1_000;

/// Checks everything that can be checked without trying.
///
/// `tools_missing` tells whether tools have to be built first.
///
/// # Errors
/// [`Error::Machine`] with every lack at once.
pub fn check(settings: &Settings, layout: &Layout, tools_missing: bool) -> Result<()> {
    let mut lacks = Vec::new();
    if !cfg!(target_os = "linux") {
        lacks.push(format!("this is {}: the sandbox runs on Linux only", std::env::consts::OS));
    }
    for (program, remedy) in PROGRAMS {
        if settings.find(program).is_none() {
            lacks.push(format!("{program} is not on PATH: {remedy}"));
        }
    }
    for part in parts::ALL.iter().chain(&parts::WHERE_INSTALLED) {
        if part.process(layout)?.is_none() {
            lacks.extend(part.taken_ports());
        }
    }
    lacks.extend(too_full(&layout.repository, FREE_IN_CHECKOUT_MB, "this checkout's builds"));
    if tools_missing {
        lacks.extend(too_full(&settings.cache, FREE_FOR_TOOLS_MB, "the tools that have to be built"));
    }
    if lacks.is_empty() { Ok(()) } else { Err(Error::Machine(lacks)) }
}

/// The driver of the browser in which tests consent to linking.
///
/// # Errors
/// [`Error::Machine`] with how to come by it.
pub fn chromedriver(settings: &Settings) -> Result<PathBuf> {
    const LACK: &str = "chromedriver is not on PATH: install Chromium and its driver, in which the tests consent to \
                        linking (Debian: apt install chromium chromium-driver)";
    settings.find("chromedriver").ok_or_else(|| Error::Machine(vec![LACK.into()]))
}

/// Says so when the file system that holds `path`, or will hold it, has less than `needed_mb` free.
fn too_full(path: &Path, needed_mb: u64, purpose: &str) -> Option<String> {
    let existing = path.ancestors().find(|path| path.exists())?;
    let stat = rustix::fs::statvfs(existing).ok()?;
    let free_mb = stat.f_bavail.saturating_mul(stat.f_frsize) / MB;
    (free_mb < needed_mb).then(|| {
        format!(
            "{} has {free_mb} MB free, and {purpose} need about {needed_mb} MB: make room, or set PORCH_CACHE to a \
             folder elsewhere",
            existing.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_program_is_named_with_its_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let lookup =
            |name: &str| (name == "HOME" || name == "PATH").then(|| folder.path().as_os_str().to_owned());
        let settings = Settings::read(folder.path(), lookup).unwrap();
        let error = check(&settings, &Layout::of(folder.path()), false).unwrap_err();
        let Error::Machine(lacks) = error else { panic!("{error}") };
        for (program, remedy) in PROGRAMS {
            assert!(lacks.contains(&format!("{program} is not on PATH: {remedy}")), "{lacks:?}");
        }
    }

    #[test]
    fn a_missing_browser_is_told_with_its_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let lookup =
            |name: &str| (name == "HOME" || name == "PATH").then(|| folder.path().as_os_str().to_owned());
        let settings = Settings::read(folder.path(), lookup).unwrap();
        let told = chromedriver(&settings).unwrap_err().to_string();
        assert!(told.contains("apt install chromium chromium-driver"), "{told}");
    }

    #[test]
    fn a_full_disk_is_told_with_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("not/yet/there");
        assert_eq!(too_full(&missing, 0, "tests"), None);
        let told = too_full(&missing, u64::MAX, "tests").unwrap();
        assert!(told.contains(" MB free, and tests need about "), "{told}");
    }
}
