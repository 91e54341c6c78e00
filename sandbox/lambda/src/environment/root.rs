//! An environment's root file system, made by its init inside a mount namespace of its own: the image read-only,
//! `/tmp` writable, devices and processes, and the two files in which it differs from AWS. All of it exists only
//! in that namespace and goes with it.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, mount, mount_bind, mount_remount};
use rustix::process::chroot;

use super::control::Plan;
use super::mount_points::{DEV, HOSTS, PROC, RESOLVER, RIE, TMP, TRUST_STORE};

/// The devices that every program may expect.
const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];
/// Links that every program may expect in `/dev`.
const LINKS: [(&str, &str); 4] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
];

/// What could not be done to the root.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{path}`: {source}{hint}")]
pub struct RootError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
    hint: &'static str,
}

/// Builds the root and moves this process into it.
pub fn enter(plan: &Plan) -> Result<(), RootError> {
    let root = plan.root.as_path();
    bind_read_only(root, root)?;
    mount_tmpfs(&root.join(TMP), &format!("mode=1777,size={}m", plan.storage_mb))?;
    mount_processes(&root.join(PROC))?;
    let dev = root.join(DEV);
    mount_tmpfs(&dev, "mode=755,size=16m")?;
    make_devices(&dev)?;
    provide(root, TRUST_STORE, &trust_store(root, &plan.ca)?)?;
    for (name, host) in [(RESOLVER, "/etc/resolv.conf"), (HOSTS, "/etc/hosts")] {
        // A machine may have neither; then the function has empty ones.
        provide(root, name, &fs::read(host).unwrap_or_default())?;
    }
    seal(&dev)?;
    mount_bind(&plan.rie, root.join(RIE)).map_err(failed("mount", &plan.rie))?;
    chroot(root).map_err(failed("enter", root))?;
    std::env::set_current_dir("/").map_err(failed("enter", Path::new("/")))
}

/// The image's own certificates, then the sandbox's.
fn trust_store(root: &Path, ca: &Path) -> Result<Vec<u8>, RootError> {
    let own = root.join(TRUST_STORE);
    let mut bytes = fs::read(&own).map_err(failed("read", &own))?;
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    bytes.extend(fs::read(ca).map_err(failed("read", ca))?);
    Ok(bytes)
}

/// Puts content over one of the image's files. It is written to the memory that `/dev` is on, where its name is
/// removed at once: the mount alone keeps it.
fn provide(root: &Path, name: &str, content: &[u8]) -> Result<(), RootError> {
    let source = root.join(DEV).join("provided");
    fs::write(&source, content).map_err(failed("write", &source))?;
    let target = root.join(name);
    mount_bind(&source, &target).map_err(failed("mount", &target))?;
    fs::remove_file(&source).map_err(failed("remove", &source))
}

fn make_devices(dev: &Path) -> Result<(), RootError> {
    for name in DEVICES {
        let place = dev.join(name);
        fs::write(&place, b"").map_err(failed("make", &place))?;
        mount_bind(Path::new("/dev").join(name), &place).map_err(failed("mount", &place))?;
    }
    for (name, target) in LINKS {
        let place = dev.join(name);
        symlink(target, &place).map_err(failed("make", &place))?;
    }
    Ok(())
}

fn bind_read_only(source: &Path, target: &Path) -> Result<(), RootError> {
    mount_bind(source, target).map_err(failed("mount", target))?;
    seal(target)
}

/// Makes what is mounted here read-only, in this namespace alone.
fn seal(target: &Path) -> Result<(), RootError> {
    let flags = MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV;
    mount_remount(target, flags, c"").map_err(failed("make read-only", target))
}

fn mount_tmpfs(target: &Path, options: &str) -> Result<(), RootError> {
    let options = CString::new(options).map_err(|error| RootError {
        action: "mount",
        path: target.to_owned(),
        source: error.into(),
        hint: "",
    })?;
    mount("tmpfs", target, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, options.as_c_str())
        .map_err(failed("mount", target))
}

fn mount_processes(target: &Path) -> Result<(), RootError> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("proc", target, "proc", flags, None).map_err(|error| RootError {
        hint: "; inside a container this needs its /proc unmasked (docker: --security-opt systempaths=unconfined)",
        ..failed("mount", target)(error)
    })
}

fn failed<E: Into<io::Error>>(action: &'static str, path: &Path) -> impl FnOnce(E) -> RootError {
    move |error| RootError { action, path: path.to_owned(), source: error.into(), hint: "" }
}
