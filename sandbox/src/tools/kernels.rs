//! The kernels of the emulated machines in which the daemon's GPIO backends are tried.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::debian::{Package, check_programs};
use crate::cache::{Entry, Key};
use crate::error::{Doing, Error, Result};
use crate::layout::{Layout, read_text};
use crate::progress::Progress;
use crate::run::Run;
use crate::settings::Settings;

/// Debian's kernel sources.
const SOURCE: &str = "linux-source-6.1";
/// The package that always depends on Debian's current kernel for arm64.
const PI_KERNEL: &str = "linux-image-arm64:arm64";
/// What describes the Pi's devices to that kernel.
const DEVICE_TREE: &str = "broadcom/bcm2837-rpi-3-b.dtb";

/// A kernel for a Raspberry Pi, and the description of the Pi's devices.
#[derive(Clone, Debug)]
pub struct PiKernel {
    /// The kernel.
    pub image: PathBuf,
    /// The device tree of a Pi 3, model B.
    pub device_tree: PathBuf,
}

/// User Mode Linux with gpio-sim: a kernel that is a program. It is built once.
///
/// # Errors
/// When the machine lacks what builds it, or it cannot be built.
pub async fn user_mode_linux(settings: &Settings, layout: &Layout, progress: &Progress) -> Result<PathBuf> {
    check_programs(settings, &["bc", "bison", "flex", "make", "patch", "tar", "xz"])?;
    let source = Package::find(settings, SOURCE).await?;
    let folder = layout.source("tools/user-mode-linux");
    let (config, patch) = (folder.join("kernel.config"), folder.join("gpio.patch"));
    let key = Key::new("user-mode-linux 1").with(&source.sha256).with_file(&config)?.with_file(&patch)?;
    let entry = Entry::new(&settings.cache, "user-mode-linux", &key);
    let kernel = entry.folder.join("linux");
    if entry.is_built() {
        return entry.used().map(|()| kernel);
    }
    let build = entry.build(|place| async move {
        source.unpack(&place).await?;
        build_user_mode_linux(&place, &config, &patch, &layout.log("build-user-mode-linux")).await
    });
    progress.step("build a User Mode Linux kernel", Some(Duration::from_secs(180)), build).await?;
    Ok(kernel)
}

/// Leaves `linux` in `place`, and nothing else.
async fn build_user_mode_linux(place: &Path, config: &Path, patch: &Path, log: &Path) -> Result<()> {
    let here = |what: &str, program: &str| Run::new(what, program).folder(place);
    let sources = format!("usr/src/{SOURCE}.tar.xz");
    here("unpack the kernel's sources", "tar").args(["--extract", "--file", &sources]).output().await?;
    let tree = place.join(SOURCE);
    let inside = |what: &str, program: &str| Run::new(what, program).folder(&tree);
    inside("patch the kernel", "patch").args(["--strip=1", "--input"]).args([patch]).output().await?;
    let make =
        |target: &str| inside(&format!("make {target} of the kernel"), "make").args(["ARCH=um", target]);
    make("tinyconfig").output().await?;
    // Of two lines about one option the later one counts.
    let tiny = read_text(&tree.join(".config"))?;
    let whole = tiny + &read_text(config)?;
    std::fs::write(tree.join(".config"), whole).doing(|| "write the kernel's configuration".into())?;
    make("olddefconfig").output().await?;
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    make("linux").args([format!("--jobs={jobs}")]).logged(log).await?;
    std::fs::rename(tree.join("linux"), place.join("linux")).doing(|| "keep the kernel".into())?;
    crate::layout::remove(&tree)?;
    crate::layout::remove(&place.join("usr"))
}

/// Debian's kernel for arm64, unpacked once.
///
/// # Errors
/// When apt does not know it, or it cannot be fetched.
pub async fn pi_kernel(settings: &Settings, progress: &Progress) -> Result<PiKernel> {
    let current = Package::find(settings, PI_KERNEL).await?;
    let name = current
        .dependency("linux-image-")
        .ok_or_else(|| Error::Answer(format!("{PI_KERNEL} names no kernel")))?
        .to_owned();
    let package = Package::find(settings, &format!("{name}:arm64")).await?;
    let entry = Entry::new(&settings.cache, "pi-kernel", &Key::new("pi-kernel 1").with(&package.sha256));
    let kernel = PiKernel { image: entry.folder.join("vmlinuz"), device_tree: entry.folder.join("pi.dtb") };
    if entry.is_built() {
        return entry.used().map(|()| kernel);
    }
    let release = name.trim_start_matches("linux-image-").to_owned();
    let build = entry.build(|place| async move {
        package.unpack(&place).await?;
        let keep = |from: String, to: &str| {
            std::fs::rename(place.join(&from), place.join(to)).doing(|| format!("keep {from}"))
        };
        keep(format!("boot/vmlinuz-{release}"), "vmlinuz")?;
        keep(format!("usr/lib/{name}/{DEVICE_TREE}"), "pi.dtb")?;
        ["boot", "lib", "usr"].iter().try_for_each(|rest| crate::layout::remove(&place.join(rest)))
    });
    progress.step("fetch a kernel for the Raspberry Pi", Some(Duration::from_secs(20)), build).await?;
    Ok(kernel)
}
