//! Where the sandbox keeps what: one folder per checkout, ignored by git.

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::error::{Doing, Result};

/// Paths inside `.sandbox`.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The checkout.
    pub repository: PathBuf,
    /// `.sandbox` itself; only its owner may look into it.
    pub state: PathBuf,
}

impl Layout {
    /// The layout of the checkout at `repository`.
    #[must_use]
    pub fn of(repository: &Path) -> Self {
        Self { repository: repository.to_path_buf(), state: repository.join(".sandbox") }
    }

    /// The sandbox's own source folder, with its requirements, templates and Go modules.
    #[must_use]
    pub fn source(&self, path: &str) -> PathBuf {
        self.repository.join("sandbox").join(path)
    }

    /// Data of one part, like `headscale`.
    #[must_use]
    pub fn part(&self, name: &str) -> PathBuf {
        self.state.join("parts").join(name)
    }

    /// Log file of a part or of a build step.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.state.join("logs").join(format!("{name}.log"))
    }

    /// What is known about a part's process.
    #[must_use]
    pub fn process(&self, name: &str) -> PathBuf {
        self.state.join("run").join(format!("{name}.json"))
    }

    /// Links to the tools that a person's shell gets first on `PATH`.
    #[must_use]
    pub fn bin(&self) -> PathBuf {
        self.state.join("bin")
    }

    /// A secret made at set-up.
    #[must_use]
    pub fn secret(&self, name: &str) -> PathBuf {
        self.state.join("secrets").join(name)
    }

    /// The private certificate authority and what it signed.
    #[must_use]
    pub fn certificates(&self) -> PathBuf {
        self.state.join("certificates")
    }

    /// The CA's certificate: what every part trusts.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.certificates().join("ca.pem")
    }

    /// A link to the folder of the Pulumi CLI and its YAML host.
    #[must_use]
    pub fn pulumi_cli(&self) -> PathBuf {
        self.state.join("pulumi/cli")
    }

    /// Pulumi's home: its plugins and logs.
    #[must_use]
    pub fn pulumi_home(&self) -> PathBuf {
        self.state.join("pulumi/home")
    }

    /// The file backend with the stacks' states.
    #[must_use]
    pub fn pulumi_state(&self) -> PathBuf {
        self.state.join("pulumi/state")
    }

    /// The stacks' own configuration files, with secrets; the tracked ones stay as they are.
    #[must_use]
    pub fn stacks(&self) -> PathBuf {
        self.state.join("stacks")
    }

    /// URLs and tokens of all that runs.
    #[must_use]
    pub fn endpoints(&self) -> PathBuf {
        self.state.join("endpoints.json")
    }
}

/// A path that is short however deep its folder is, since that of a socket has at most 107 bytes: it leads through the
/// folder's descriptor, and so is good while this lives.
#[derive(Debug)]
pub struct ShortPath {
    folder: fs::File,
    name: String,
}

impl ShortPath {
    /// The path of `name` in `folder`.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn new(folder: &Path, name: &str) -> std::io::Result<Self> {
        Ok(Self { folder: fs::File::open(folder)?, name: name.into() })
    }

    /// The path, for this process alone.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}/{}", self.folder.as_raw_fd(), self.name))
    }
}

/// Makes a folder that only its owner may open, with its parents.
pub fn make_folder(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .doing(|| format!("make the folder {}", path.display()))
}

/// Writes a file that only its owner may read, whole or not at all.
pub fn write_private(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    write(path, content.as_ref(), 0o600)
}

/// Like [`write_private`], but an unchanged file is left alone and keeps its time.
pub fn write_if_changed(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if is_unchanged(path, content.as_ref()) { Ok(()) } else { write_private(path, content) }
}

/// Writes a script that its owner may run; an unchanged one is left alone and keeps its time.
pub fn write_executable_if_changed(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if is_unchanged(path, content.as_ref()) { Ok(()) } else { write(path, content.as_ref(), 0o700) }
}

fn is_unchanged(path: &Path, content: &[u8]) -> bool {
    fs::read(path).is_ok_and(|old| old == content)
}

fn write(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    use std::io::Write;
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let what = || format!("write {}", path.display());
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    let temporary = path.with_file_name(name);
    let mut options = fs::OpenOptions::new();
    options.create(true).write(true).truncate(true).mode(mode);
    let mut file = options.open(&temporary).doing(what)?;
    let written = file.write_all(content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The reason to report is why the writing failed; a leftover is overwritten next time.
        let _ = fs::remove_file(&temporary);
    }
    written.doing(what)
}

/// Makes `link` a symbolic link to `target`; one that is right already is left alone.
pub fn link(target: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|old| old == target) {
        return Ok(());
    }
    remove(link)?;
    if let Some(folder) = link.parent() {
        make_folder(folder)?;
    }
    symlink(target, link).doing(|| format!("link {}", link.display()))
}

/// Removes a file, a link or a whole folder, if it is there.
pub fn remove(path: &Path) -> Result<()> {
    let is_folder = path.is_dir() && !path.is_symlink();
    let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result.doing(|| format!("remove {}", path.display())),
    }
}

/// Reads a text file.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).doing(|| format!("read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_link_replaces_whatever_was_there_and_removing_spares_its_target() {
        let folder = tempfile::tempdir().unwrap();
        let (target, place) = (folder.path().join("target"), folder.path().join("deep/place"));
        make_folder(&target).unwrap();
        make_folder(&place.join("old")).unwrap();
        for _ in 0..2 {
            link(&target, &place).unwrap();
            assert_eq!(fs::read_link(&place).unwrap(), target);
        }
        for _ in 0..2 {
            remove(&place).unwrap();
            assert!(!place.is_symlink() && target.is_dir());
        }
    }

    #[test]
    fn what_is_written_is_for_its_owner_only_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets/key");
        write_private(&file, "first, and longer").unwrap();
        write_private(&file, "second").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "second");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(file.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }
}
