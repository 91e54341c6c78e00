//! Packages of the machine's own Debian that are unpacked into the cache rather than installed: kernels.
//!
//! apt checks the archive's signature and every hash below it. The hash of the package is in the key of what is made
//! from it, so that an update of Debian is built once, too.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Doing, Error, Result};
use crate::run::Run;
use crate::settings::Settings;

/// What installs everything that is missing.
const REMEDY: &str = "run sandbox/debian/install.sh (it is for Debian 12)";

/// A package as apt would fetch it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    /// As apt knows it, like `linux-image-arm64:arm64`.
    name: String,
    /// What it depends on, as it says it.
    depends: String,
    /// Its file's hash, in hexadecimal digits.
    pub(super) sha256: String,
}

/// Checks that these programs are on `PATH`.
pub(super) fn check_programs(settings: &Settings, programs: &[&str]) -> Result<()> {
    let missing = programs.iter().filter(|program| settings.find(program).is_none());
    let lacks: Vec<String> = missing.map(|program| format!("{program} is not on PATH: {REMEDY}")).collect();
    if lacks.is_empty() { Ok(()) } else { Err(Error::Machine(lacks)) }
}

impl Package {
    /// Asks apt for it.
    pub(super) async fn find(settings: &Settings, name: &str) -> Result<Self> {
        check_programs(settings, &["apt-cache", "apt-get", "dpkg-deb"])?;
        let show = Run::new(format!("look for the package {name}"), "apt-cache");
        let told = show.args(["show", "--no-all-versions", name]).output().await;
        let record = told.map(|told| told.stdout).unwrap_or_default();
        Self::read(name, &record)
            .ok_or_else(|| Error::Machine(vec![format!("apt knows no package {name}: {REMEDY}")]))
    }

    /// Reads one record of `apt-cache show`.
    fn read(name: &str, record: &str) -> Option<Self> {
        let field = |field: &str| {
            let mut lines = record.lines();
            lines.find_map(|line| line.strip_prefix(field)?.strip_prefix(": ")).map(str::to_owned)
        };
        let depends = field("Depends").unwrap_or_default();
        Some(Self { name: name.to_owned(), depends, sha256: field("SHA256")? })
    }

    /// The first package that it depends on whose name begins so: a package like `linux-image-arm64` is empty and
    /// names the current kernel's.
    pub(super) fn dependency(&self, beginning: &str) -> Option<&str> {
        let names = self.depends.split(',').filter_map(|one| one.split_whitespace().next());
        names.map(|name| name.split(':').next().unwrap_or(name)).find(|name| name.starts_with(beginning))
    }

    /// Fetches it and unpacks it into `folder`.
    pub(super) async fn unpack(&self, folder: &Path) -> Result<()> {
        let name = &self.name;
        Run::new(format!("fetch {name}"), "apt-get")
            .args(["download", "--quiet", "--option", "APT::Sandbox::User=root", name])
            .folder(folder)
            .output()
            .await?;
        let file = the_package_in(folder)?;
        let content = std::fs::read(&file).doing(|| format!("read {}", file.display()))?;
        let found: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != self.sha256 {
            let (file, wanted) = (file.display(), &self.sha256);
            return Err(Error::Answer(format!(
                "{file} has the SHA-256 {found} instead of {wanted}: its archive has changed, run `apt-get update`"
            )));
        }
        let unpack =
            Run::new(format!("unpack {name}"), "dpkg-deb").args(["--extract".as_ref(), file.as_os_str()]);
        unpack.args([folder]).output().await?;
        crate::layout::remove(&file)
    }
}

fn the_package_in(folder: &Path) -> Result<PathBuf> {
    let files = std::fs::read_dir(folder).doing(|| format!("look into {}", folder.display()))?;
    let mut packages = files
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "deb"));
    packages.next().ok_or_else(|| Error::Answer(format!("apt-get put no package into {}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "\
Package: linux-image-arm64
Version: 6.1.192-2
Depends: libc6 (>= 2.36), linux-image-6.1.0-56-arm64 (= 6.1.192-2)
Description: Linux for 64-bit ARMv8 machines (meta-package)
SHA256: 5d41
";

    #[test]
    fn a_record_of_apt_is_read() {
        let package = Package::read("linux-image-arm64:arm64", RECORD).unwrap();
        assert_eq!(package.sha256, "5d41");
        assert_eq!(package.dependency("linux-image-"), Some("linux-image-6.1.0-56-arm64"));
        assert_eq!(package.dependency("linux-headers-"), None);
        assert_eq!(Package::read("absent", ""), None);
    }

    #[test]
    fn every_program_that_is_missing_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let lookup =
            |name: &str| (name == "HOME" || name == "PATH").then(|| folder.path().as_os_str().to_owned());
        let settings = Settings::read(folder.path(), lookup).unwrap();
        let error = check_programs(&settings, &["flex", "bison"]).unwrap_err().to_string();
        assert!(
            error.contains("flex is not on PATH: ") && error.contains("bison is not on PATH: "),
            "{error}"
        );
    }
}
