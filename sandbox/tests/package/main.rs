//! The daemon's package for a Raspberry Pi: built on this machine, its program run on an emulated processor, installed
//! and removed by the real dpkg.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as a test does")]

mod built;

use std::path::Path;

use sandbox::run::Run;

use built::{Built, built, sandbox};

/// What lintian may say: whoever builds the package is nobody with an address, and the manual is a README.
const LINTIAN: &str = "bogus-mail-host,bogus-mail-host-in-debian-changelog,no-manual-page";

/// Greatest exposure of the unit, in tenths, as systemd counts it; it has 17.
const EXPOSURE: &str = "20";

/// Greatest size, in 10^6 bytes.
const MEGABYTES: u64 = 5;

/// The credentials of nobody.
const KEYS: &str = "[default]\naws_access_key_id = AKIAMADEUP\naws_secret_access_key = made-up\n";

async fn run(what: &str, program: &str, args: &[&Path]) -> String {
    Run::new(what, program).args(args).output().await.unwrap().stdout
}

#[tokio::test]
async fn dpkg_understands_a_package_that_is_small() {
    let Built { first, .. } = built().await;
    let size = std::fs::metadata(first).unwrap().len();
    assert!(size <= MEGABYTES * 1_000_000, "{size} bytes");
    let told = run("read the package", "dpkg-deb", &["--info".as_ref(), first]).await;
    for wanted in [" Architecture: arm64", " Package: porch-doorbell", " Depends: ", "*  postinst"] {
        assert!(told.contains(wanted), "{wanted} is not in\n{told}");
    }
    let listed = run("list the package", "dpkg-deb", &["--contents".as_ref(), first]).await;
    for wanted in ["-rwxr-xr-x 0/0", "./usr/bin/porch-doorbell", "./etc/porch/doorbell.toml"] {
        assert!(listed.contains(wanted), "{wanted} is not in\n{listed}");
    }
    assert!(!listed.contains("./etc/porch/aws") && !listed.contains("./etc/porch/secrets"), "{listed}");
}

#[tokio::test]
async fn lintian_has_nothing_more_to_say() {
    let Built { first, .. } = built().await;
    let lintian = Run::new("look for what Debian would not like", "lintian");
    let lintian =
        lintian.args(["--allow-root", "--no-cfg", "--fail-on", "error,warning", "--suppress-tags", LINTIAN]);
    lintian.args([first]).output().await.unwrap();
}

#[tokio::test]
async fn the_program_runs_on_an_emulated_processor_of_the_device() {
    let Built { first, .. } = built().await;
    let folder = tempfile::tempdir().unwrap();
    run("unpack the package", "dpkg-deb", &["--extract".as_ref(), first, folder.path()]).await;
    let program = folder.path().join("usr/bin/porch-doorbell");
    let run_it = Run::new("run it", "qemu-aarch64-static").args([&program, Path::new("--version")]);
    assert_eq!(run_it.output().await.unwrap().stderr.trim(), env!("CARGO_PKG_VERSION"));

    // With the settings that are installed it looks for lines and for AWS, of which there are none here.
    std::fs::write(folder.path().join("aws"), KEYS).unwrap();
    let settings = folder.path().join("etc/porch/doorbell.toml");
    let installed = std::fs::read_to_string(&settings).unwrap();
    let elsewhere = "endpoint = \"http://127.0.0.1:9\"\n[alexa]";
    std::fs::write(&settings, installed.replace("[alexa]", elsewhere)).unwrap();
    let check = Run::new("check the settings that are installed", "qemu-aarch64-static")
        .args([program.as_os_str(), "check".as_ref(), "--settings".as_ref(), settings.as_ref()])
        .env([("CREDENTIALS_DIRECTORY", folder.path())]);
    let checked = check.finish().await.unwrap();
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    for wanted in ["clock", "front-door"] {
        assert!(checked.stderr.contains(wanted), "{wanted} is not in\n{}", checked.stderr);
    }
}

#[tokio::test]
async fn the_program_needs_no_newer_glibc_than_the_package_says() {
    let Built { first, .. } = built().await;
    let folder = tempfile::tempdir().unwrap();
    run("unpack the package", "dpkg-deb", &["--extract".as_ref(), first, folder.path()]).await;
    let program = std::fs::read(folder.path().join("usr/bin/porch-doorbell")).unwrap();
    let text = String::from_utf8_lossy(&program);
    let minor = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok();
    let needed = text.split("GLIBC_2.").skip(1).filter_map(minor).max().unwrap();
    assert!((17..=31).contains(&needed), "GLIBC_2.{needed}");
    let control = run("read the package", "dpkg-deb", &["--field".as_ref(), first, "Depends".as_ref()]).await;
    assert!(control.contains("libc6 (>= 2.31)"), "{control}");
}

#[tokio::test]
async fn the_unit_leaves_little_exposed() {
    let unit = "device/package/files/usr/lib/systemd/system/porch-doorbell.service";
    let analyze = Run::new("look at the unit", "systemd-analyze").folder(&sandbox().layout.repository);
    let analyze = analyze.args(["security", "--offline=true", "--threshold", EXPOSURE, unit]);
    analyze.output().await.unwrap();
}

#[tokio::test]
async fn dpkg_installs_upgrades_removes_and_purges_it() {
    let Built { first, later, .. } = built().await;
    let folder = tempfile::tempdir().unwrap();
    // Root's is enough for a root who is one; for others, one in a namespace.
    let root = if rustix::process::geteuid().is_root() { None } else { Some("--map-root-user") };
    let life = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/package/life.sh");
    let dpkg = Run::new("install, upgrade, remove and purge the package", "unshare").args(root);
    let dpkg = dpkg.args(["--mount", "--", "sh"]).args([&life, folder.path()]).args([first, later]);
    dpkg.output().await.unwrap();
}
