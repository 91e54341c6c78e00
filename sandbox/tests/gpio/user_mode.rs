//! User Mode Linux: a kernel that is a program of this machine, and needs no rights.

use std::time::Duration;

use sandbox::run::Run;
use sandbox::tools::user_mode_linux;
use tokio::time::timeout;

use crate::program::{Build, build};
use crate::{console, initramfs, sandbox};

/// Its own time is another: it passes only while everybody sleeps.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_kernel_s_character_device_brings_presses() {
    let (sandbox, progress) = sandbox();
    let kernel = user_mode_linux(&sandbox.settings, &sandbox.layout, &progress).await.unwrap();
    let wanted = Build { target: "x86_64-unknown-linux-gnu", feature: "character-device", linker: None };
    let program = build(&sandbox, &progress, &wanted).await;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("initramfs");
    std::fs::write(&archive, initramfs::with(&program)).unwrap();

    let machine = Run::new("run User Mode Linux", kernel)
        .args([format!("initrd={}", archive.display()), format!("uml_dir={}", folder.path().display())])
        .args(["mem=96M", "quiet", "panic=-1", "time-travel=inf-cpu", "con=null", "con0=null,fd:1"])
        .folder(folder.path());
    let output = timeout(PATIENCE, machine.finish()).await.unwrap().unwrap();
    console::check(
        &output.stdout,
        &[
            "bounce is one press where low is active",
            "bounce is one press where high is active",
            "a second press waits for the lockout",
            "a button held at the start is no press",
            "edges carry the kernel's time",
            "the level after too many edges is right",
            "a line that cannot be had is told",
        ],
    );
}
