//! Building the program that runs in the emulated machines: static, because there is nothing else in them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::Sandbox;
use sandbox::progress::Progress;
use sandbox::run::Run;

/// Where a program runs, and with which of the backends.
pub(crate) struct Build {
    /// Rust's name for the machine.
    pub(crate) target: &'static str,
    /// The feature of `gpio-trial`.
    pub(crate) feature: &'static str,
    /// What links it, where that is not the machine's own.
    pub(crate) linker: Option<&'static str>,
}

/// Builds it and gives what goes into the file.
pub(crate) async fn build(sandbox: &Sandbox, progress: &Progress, build: &Build) -> Vec<u8> {
    let Build { target, feature, linker } = build;
    // Apart, so that the workspace's own builds are not thrown away for these flags, and Debian's compiler.
    let folder = sandbox.layout.repository.join("target/emulated");
    let mut env: Vec<(String, OsString)> = vec![
        ("CARGO_TARGET_DIR".into(), folder.clone().into()),
        ("RUSTFLAGS".into(), "-Ctarget-feature=+crt-static".into()),
    ];
    let variable = target.to_uppercase().replace('-', "_");
    env.extend(linker.map(|linker| (format!("CARGO_TARGET_{variable}_LINKER"), linker.into())));
    env.extend(compiler(target).await.map(|compiler| ("RUSTC".into(), compiler.into())));
    let cargo = sandbox.settings.find("cargo").unwrap();
    let run = Run::new(format!("build gpio-trial for {target}"), cargo)
        .args(["build", "--package", "gpio-trial", "--features", feature, "--target", target])
        .env(env)
        .folder(&sandbox.layout.repository)
        .output();
    let name = format!("build gpio-trial for {}", target.split('-').next().unwrap());
    progress.step(&name, Some(Duration::from_secs(60)), run).await.unwrap();
    std::fs::read(folder.join(target).join("debug/gpio-trial")).unwrap()
}

/// Debian's compiler, when only that has a standard library for `target`; otherwise the toolchain's own will do, or
/// say by itself how to get one.
async fn compiler(target: &str) -> Option<PathBuf> {
    let (library, debian) = (format!("lib/rustlib/{target}/lib"), Path::new("/usr/bin/rustc"));
    let own = Run::new("ask rustc where its libraries are", "rustc").args(["--print", "sysroot"]).output();
    let own = own.await.unwrap().stdout;
    let is_own = Path::new(own.trim()).join(&library).exists();
    (!is_own && debian.exists() && Path::new("/usr").join(library).exists()).then(|| debian.to_owned())
}
