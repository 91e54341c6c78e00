//! Unpacking layers one over the other: nothing lands outside the root, and a whiteout removes what is below it.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use tar::{Archive, Entry};

use super::manifest::LARGEST_IMAGE;
use crate::environment::mount_points::MountPointError;

/// `.wh.NAME` removes NAME of the layers below (OCI image specification, layer.md).
const WHITEOUT: &[u8] = b".wh.";
/// Removes everything that the layers below have in this folder.
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Why layers could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// A name with `..`, or one that a link leads out of the root.
    #[error("layer has an entry that leads out of the image: `{0}`")]
    Escape(PathBuf),
    /// More than Lambda's limit.
    #[error("layers unpack to more than {LARGEST_IMAGE} bytes, Lambda's limit")]
    TooLarge,
    /// The image leaves no room for what an environment mounts over it.
    #[error(transparent)]
    MountPoint(#[from] MountPointError),
    /// The archive is damaged, or the disk is full.
    #[error("cannot unpack: {0}")]
    Io(#[from] io::Error),
}

/// Unpacks layers into one root, from the lowest to the uppermost.
pub(super) struct Unpacker {
    /// With every link in its own path resolved, to compare others with.
    root: PathBuf,
    /// Folders get their mode at the end: one that may not be written to would stop the next entry.
    folder_modes: Vec<(PathBuf, u32)>,
    room: u64,
}

impl Unpacker {
    /// Starts with an empty folder.
    pub(super) fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, folder_modes: Vec::new(), room: LARGEST_IMAGE })
    }

    /// Unpacks one layer. It is opened twice: whiteouts first, because they are about the layers below,
    /// wherever they stand in the archive.
    pub(super) fn apply<R: Read>(&mut self, open: impl Fn() -> io::Result<R>) -> Result<(), LayerError> {
        for entry in Archive::new(open()?).entries()? {
            self.apply_whiteout(&entry?)?;
        }
        let mut archive = Archive::new(open()?);
        for entry in archive.entries()? {
            self.unpack(entry?)?;
        }
        Ok(())
    }

    /// Gives folders their modes, the deepest first.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.folder_modes.sort_by(|(one, _), (other, _)| other.cmp(one));
        for (folder, mode) in self.folder_modes {
            // A later layer may have removed it.
            if fs::symlink_metadata(&folder).is_ok_and(|metadata| metadata.is_dir()) {
                fs::set_permissions(folder, fs::Permissions::from_mode(mode))?;
            }
        }
        Ok(())
    }

    fn apply_whiteout<R: Read>(&self, entry: &Entry<'_, R>) -> Result<(), LayerError> {
        let path = entry.path()?;
        let Some(place) = self.place(&path)? else { return Ok(()) };
        let (Some(folder), Some(name)) = (place.parent(), place.file_name()) else { return Ok(()) };
        if name.as_bytes() == OPAQUE {
            match fs::read_dir(folder) {
                Ok(entries) => entries.into_iter().try_for_each(|entry| remove(&entry?.path()))?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        } else if let Some(hidden) = name.as_bytes().strip_prefix(WHITEOUT) {
            if matches!(hidden, b"" | b"." | b"..") {
                return Err(LayerError::Escape(path.into_owned()));
            }
            remove(&folder.join(OsStr::from_bytes(hidden)))?;
        }
        Ok(())
    }

    fn unpack<R: Read>(&mut self, mut entry: Entry<'_, R>) -> Result<(), LayerError> {
        let path = entry.path()?.into_owned();
        let Some(place) = self.place(&path)? else { return Ok(()) };
        if place.file_name().is_some_and(|name| name.as_bytes().starts_with(WHITEOUT)) {
            return Ok(());
        }
        self.room = self.room.checked_sub(entry.size()).ok_or(LayerError::TooLarge)?;
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        let existing = fs::symlink_metadata(&place).ok();
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            if existing.as_ref().is_some_and(|metadata| !metadata.is_dir()) {
                remove(&place)?;
            }
            fs::create_dir_all(&place)?;
            self.folder_modes.push((place, entry.header().mode()? & 0o7777));
        } else if kind.is_file()
            || kind.is_contiguous()
            || kind.is_gnu_sparse()
            || kind.is_hard_link()
            || kind.is_symlink()
        {
            if existing.is_some() {
                remove(&place)?;
            }
            entry.set_preserve_permissions(true);
            if !entry.unpack_in(&self.root)? {
                return Err(LayerError::Escape(path));
            }
        }
        // Nothing else: devices cannot be made without privileges, and on Lambda no image brings its own.
        Ok(())
    }

    /// Where an entry belongs, or nothing for the root itself. Links in the folders above it are followed, as a
    /// container runtime does, but only inside the root.
    fn place(&self, path: &Path) -> Result<Option<PathBuf>, LayerError> {
        let escape = || LayerError::Escape(path.to_owned());
        let mut place = self.root.clone();
        let mut parts = path.components().peekable();
        let mut is_root = true;
        while let Some(part) = parts.next() {
            match part {
                Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
                Component::ParentDir => return Err(escape()),
                Component::Normal(name) => {
                    is_root = false;
                    place.push(name);
                    let is_link = fs::symlink_metadata(&place).is_ok_and(|metadata| metadata.is_symlink());
                    if is_link && parts.peek().is_some() {
                        place = place.canonicalize().map_err(|_| escape())?;
                        if !place.starts_with(&self.root) {
                            return Err(escape());
                        }
                    }
                }
            }
        }
        Ok((!is_root).then_some(place))
    }
}

/// Removes whatever has this name; a link itself, not what it names.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
#[path = "layer_tests.rs"]
mod tests;
