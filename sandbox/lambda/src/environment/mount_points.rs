//! The places in an image that an environment mounts over. They are made when the image is unpacked, because its
//! root is read-only afterwards.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Devices.
pub const DEV: &str = "dev";
/// Processes.
pub const PROC: &str = "proc";
/// The only place a function may write to.
pub const TMP: &str = "tmp";
/// AWS's runtime interface emulator, where Lambda has its own init.
pub const RIE: &str = "var/rapid/init";
/// Certificates that the function trusts.
pub const TRUST_STORE: &str = "etc/ssl/certs/ca-certificates.crt";
/// Name servers; Lambda provides them too.
pub const RESOLVER: &str = "etc/resolv.conf";
/// Names of this machine; Lambda provides them too.
pub const HOSTS: &str = "etc/hosts";

const FOLDERS: [&str; 3] = [DEV, PROC, TMP];
const FILES: [&str; 4] = [RIE, TRUST_STORE, RESOLVER, HOSTS];

/// Why there is no room for a mount.
#[derive(Debug, thiserror::Error)]
pub enum MountPointError {
    /// Taken by something else, or behind a link, which could lead out of the image.
    #[error(
        "image has `/{0}` as something that cannot be mounted over: let it be a real folder or file, or absent"
    )]
    Occupied(PathBuf),
    /// The system's answer.
    #[error("cannot make `/{path}` in the unpacked image: {source}")]
    Make {
        /// The place.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Makes what an unpacked image lacks, as empty folders and files.
pub fn prepare(root: &Path) -> Result<(), MountPointError> {
    for name in FOLDERS {
        make_folder(root, Path::new(name))?;
    }
    for name in FILES {
        let name = Path::new(name);
        make_folder(root, name.parent().unwrap_or(Path::new("")))?;
        match fs::symlink_metadata(root.join(name)) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(MountPointError::Occupied(name.to_owned())),
            Err(_) => fs::write(root.join(name), b"").map_err(|source| failed(name, source))?,
        }
    }
    Ok(())
}

/// As `create_dir_all`, but through no link.
fn make_folder(root: &Path, name: &Path) -> Result<(), MountPointError> {
    let mut made = PathBuf::new();
    for part in name {
        made.push(part);
        match fs::symlink_metadata(root.join(&made)) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(MountPointError::Occupied(made)),
            Err(_) => fs::create_dir(root.join(&made)).map_err(|source| failed(&made, source))?,
        }
    }
    Ok(())
}

fn failed(path: &Path, source: io::Error) -> MountPointError {
    MountPointError::Make { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_an_image_lacks_is_made_and_what_it_has_is_kept() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc/ssl/certs")).unwrap();
        fs::write(root.path().join(TRUST_STORE), "certificates").unwrap();
        prepare(root.path()).unwrap();
        prepare(root.path()).unwrap();
        assert_eq!(fs::read_to_string(root.path().join(TRUST_STORE)).unwrap(), "certificates");
        assert_eq!(fs::read_to_string(root.path().join(RIE)).unwrap(), "");
        assert!(root.path().join(PROC).is_dir());
    }

    #[test]
    fn a_link_is_never_followed() {
        for (link, occupied) in [("etc", "`/etc`"), ("proc", "`/proc`"), ("etc/hosts", "`/etc/hosts`")] {
            let root = tempfile::tempdir().unwrap();
            let outside = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join(link).parent().unwrap()).unwrap();
            symlink(outside.path(), root.path().join(link)).unwrap();
            let error = prepare(root.path()).unwrap_err().to_string();
            assert!(error.contains(occupied), "{link}: {error}");
            assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
        }
    }
}
