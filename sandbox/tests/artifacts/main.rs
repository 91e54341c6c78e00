//! What is deployed can be built again by anybody: another checkout, in another folder, with nothing built yet, gives the
//! same image and the same package.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as a test does")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use porch_provider::Architecture;
use sandbox::Sandbox;
use sandbox::artifacts::{FUNCTIONS, SUMS, Wanted};
use sandbox::progress::Progress;
use sandbox::run::Run;
use sandbox::settings::Settings;
use serde_json::Value;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn sandbox(repository: &Path) -> Sandbox {
    #[expect(clippy::disallowed_methods, reason = "the one place where these tests read their environment")]
    let settings = Settings::read(repository, |name: &str| std::env::var_os(name)).unwrap();
    Sandbox::new(settings)
}

/// The tracked files as they are now, in a folder that is as deep as no checkout is, with a commit of the same moment.
async fn another_checkout(folder: &Path) -> PathBuf {
    let copy = folder.join("some/other/place/porch");
    let tracked = Run::new("list the tracked files", "git").folder(repository()).args(["ls-files", "-z"]);
    for file in tracked.output().await.unwrap().stdout.split_terminator('\0') {
        let (from, to) = (repository().join(file), copy.join(file));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
    let git = |what: &str| Run::new(what, "git");
    let date = git("ask for the commit's date").folder(repository()).args(["log", "-1", "--format=%cI"]);
    let date = date.output().await.unwrap().stdout;
    git("make a repository").folder(&copy).args(["init", "--quiet"]).output().await.unwrap();
    let nobody =
        ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgSign=false"];
    let commit = git("commit").folder(&copy).args(nobody).args(["commit", "--quiet", "--allow-empty"]);
    commit.args(["--message", "here"]).env([("GIT_COMMITTER_DATE", date.trim())]).output().await.unwrap();
    copy
}

#[tokio::test]
async fn two_checkouts_in_two_folders_give_the_same_files_and_the_same_bills_of_materials() {
    let folder = tempfile::tempdir().unwrap();
    let other = another_checkout(folder.path()).await;
    let architecture = Architecture::of_this_machine().unwrap();
    let packages = [package::Architecture::Arm64];
    let wanted = Wanted { functions: &FUNCTIONS[..1], architecture, packages: &packages };
    let progress = Progress::on_stderr();
    let mut sums = Vec::new();
    for (checkout, output) in [(repository(), "one"), (&other, "two")] {
        let output = folder.path().join(output);
        let files = sandbox(checkout).write_artifacts(&wanted, &output, &progress).await.unwrap();
        let image = format!("porch-bridge-{architecture}.oci.tar");
        let [first, image_bill, package, package_bill, last] = &files[..] else { panic!("{files:?}") };
        assert_eq!([first, last], [&image, SUMS]);
        assert!(package.starts_with("porch-doorbell_") && package.ends_with("_arm64.deb"), "{package}");
        sums.push(fs::read_to_string(output.join(SUMS)).unwrap());
        let check =
            Run::new("check the sums", "sha256sum").folder(&output).args(["--check", "--strict", SUMS]);
        check.output().await.unwrap();
        for (file, bill, has) in [
            (&image, image_bill, &["pkg:cargo/tokio@", "pkg:golang/tailscale.com@", "pkg:golang/std@"][..]),
            (package, package_bill, &["pkg:cargo/tokio@", "pkg:cargo/rusqlite@", "pkg:cargo/openh264@"]),
        ] {
            assert_eq!(*bill, format!("{file}.cdx.json"));
            is_whole(&fs::read_to_string(output.join(bill)).unwrap(), has);
        }
    }
    assert_eq!(sums[0], sums[1]);
}

/// The bill names crates and modules, `has` among them, each with a hash where it has one, and refers to nothing that it
/// does not name.
fn is_whole(bill: &str, has: &[&str]) {
    assert!(!bill.contains(&*repository().to_string_lossy()), "a path of this machine is in it");
    let bill: Value = serde_json::from_str(bill).unwrap();
    let components = bill["components"].as_array().unwrap();
    let reference = |component: &Value| component["bom-ref"].as_str().unwrap().to_owned();
    let named: BTreeSet<String> =
        components.iter().chain([&bill["metadata"]["component"]]).map(reference).collect();
    for wanted in has.iter().chain(&["pkg:cargo/rustls@"]) {
        assert!(named.iter().any(|name| name.starts_with(wanted)), "{wanted}");
    }
    for absent in ["pkg:cargo/insta@", "pkg:cargo/proptest@", "pkg:cargo/serde_derive@", "pkg:cargo/windows"]
    {
        assert!(!named.iter().any(|name| name.starts_with(absent)), "{absent} is not in the program");
    }
    for component in components.iter().filter(|component| reference(component).starts_with("pkg:cargo/")) {
        let is_ours = component["version"] == env!("CARGO_PKG_VERSION");
        assert!(is_ours || component["hashes"][0]["content"].is_string(), "{component}");
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
    }
    for dependency in bill["dependencies"].as_array().unwrap() {
        for on in dependency["dependsOn"].as_array().unwrap() {
            assert!(named.contains(on.as_str().unwrap()), "{on}");
        }
    }
}
