//! What the hash sees and what it does not, on crates in a temporary folder.

use std::ffi::OsString;
use std::fs;

use tempfile::TempDir;

use super::*;
use crate::task::Task;
use crate::tools::Environment;

/// A workspace with a function, a crate it uses, and a crate it does not.
const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nresolver = '3'\nmembers = ['echo', 'greet', 'other']\n\
         [workspace.dependencies]\ngreet = { path = 'greet' }\n[profile.release]\nopt-level = 's'\n",
    ),
    (
        "Cargo.lock",
        "version = 4\n\
         [[package]]\nname = 'bytes'\nversion = '1.0.0'\nsource = 'registry+https://example.com'\nchecksum = 'b1'\n\
         [[package]]\nname = 'echo'\nversion = '0.1.0'\ndependencies = ['bytes', 'greet']\n\
         [[package]]\nname = 'greet'\nversion = '0.1.0'\ndependencies = ['tempfile']\n\
         [[package]]\nname = 'other'\nversion = '0.1.0'\ndependencies = ['rand']\n\
         [[package]]\nname = 'rand'\nversion = '1.0.0'\nsource = 'registry+https://example.com'\nchecksum = 'r1'\n\
         [[package]]\nname = 'tempfile'\nversion = '1.0.0'\nsource = 'registry+https://example.com'\nchecksum = 't1'\n",
    ),
    (
        "echo/Cargo.toml",
        "[package]\nname = 'echo'\nversion = '0.1.0'\nedition = '2024'\n\
         [dependencies]\ngreet.workspace = true\nbytes = '1'\n",
    ),
    ("echo/src/main.rs", "fn main() {}\n"),
    (
        "greet/Cargo.toml",
        "[package]\nname = 'greet'\nversion = '0.1.0'\nedition = '2024'\n[dev-dependencies]\ntempfile = '1'\n",
    ),
    ("greet/src/lib.rs", "\n"),
    (
        "other/Cargo.toml",
        "[package]\nname = 'other'\nversion = '0.1.0'\nedition = '2024'\n[dependencies]\nrand = '1'\n",
    ),
    ("other/src/lib.rs", "\n"),
    ("tailscaled/go.mod", "module tailscaled\n\ngo 1.21\n"),
    ("tailscaled/go.sum", "\n"),
];

fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in FILES {
        write(&folder, path, text);
    }
    folder
}

fn write(folder: &TempDir, path: &str, text: &str) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn replace(folder: &TempDir, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(folder.path().join(path)).unwrap();
    assert!(text.contains(from), "{path} has no {from}");
    write(folder, path, &text.replace(from, to));
}

#[expect(clippy::disallowed_methods, reason = "the tests run the real cargo, which has to be found")]
fn environment() -> Environment {
    Environment::read(|name| std::env::var_os(name))
}

async fn crates(folder: &TempDir) -> Result<Crates, CratesError> {
    Crates::read(&folder.path().join("echo"), &environment(), &Task::silent()).await
}

/// The hash of the program in `folder`.
async fn hash(folder: &TempDir) -> Result<String, SourceHashError> {
    hash_with(folder, &[("architecture", "arm64")]).await
}

async fn hash_with(folder: &TempDir, settings: &[(&str, &str)]) -> Result<String, SourceHashError> {
    let crates = crates(folder).await?;
    Sources { crates: &crates, profiles: &["release", "small"], settings, tailscaled: None }.hash()
}

#[tokio::test]
async fn another_checkout_has_the_same_hash() {
    let (one, other) = (workspace(), workspace());
    assert_eq!(hash(&one).await.unwrap(), hash(&other).await.unwrap());
    assert_eq!(hash(&one).await.unwrap().len(), 64);
}

#[tokio::test]
async fn whatever_is_built_in_changes_the_hash() {
    let before = hash(&workspace()).await.unwrap();
    type Edit = fn(&TempDir);
    let edits: &[(&str, Edit)] = &[
        ("a source", |folder| write(folder, "echo/src/main.rs", "fn main() { }\n")),
        ("a new file", |folder| write(folder, "echo/src/more.rs", "")),
        ("a source of a path dependency", |folder| write(folder, "greet/src/lib.rs", "//\n")),
        ("a locked checksum", |folder| replace(folder, "Cargo.lock", "'b1'", "'b2'")),
        ("the release profile", |folder| replace(folder, "Cargo.toml", "'s'", "'z'")),
        ("another profile", |folder| {
            replace(folder, "Cargo.toml", "'s'\n", "'s'\n[profile.small]\nlto = true\n");
        }),
        ("a cargo setting", |folder| write(folder, ".cargo/config.toml", "[net]\nretry = 3\n")),
        ("a file that moved", |folder| {
            fs::rename(folder.path().join("greet/src/lib.rs"), folder.path().join("greet/lib.rs")).unwrap();
            replace(folder, "greet/Cargo.toml", "[dev", "[lib]\npath = 'lib.rs'\n[dev");
        }),
    ];
    for (what, edit) in edits {
        let folder = workspace();
        edit(&folder);
        assert_ne!(hash(&folder).await.unwrap(), before, "{what}");
    }
}

#[tokio::test]
async fn whatever_is_not_built_in_leaves_the_hash() {
    let folder = workspace();
    let before = hash(&folder).await.unwrap();
    write(&folder, "other/src/lib.rs", "// another crate\n");
    replace(&folder, "Cargo.lock", "'r1'", "'r2'");
    replace(&folder, "Cargo.lock", "'t1'", "'t2'");
    write(&folder, "echo/target/debug/echo", "built");
    write(&folder, "echo/.main.rs.swp", "an editor's");
    write(&folder, "README.md", "# echo\n");
    write(&folder, ".cargo/config.toml", "[alias]\nxtask = 'run'\n");
    // A configuration with only aliases still is one: compare with an empty one.
    let with_alias = hash(&folder).await.unwrap();
    write(&folder, ".cargo/config.toml", "");
    assert_eq!(hash(&folder).await.unwrap(), with_alias);
    fs::remove_dir_all(folder.path().join(".cargo")).unwrap();
    assert_eq!(hash(&folder).await.unwrap(), before);
}

#[tokio::test]
async fn whatever_the_resource_says_is_part_of_it() {
    let folder = workspace();
    let mut hashes = Vec::new();
    for settings in
        [&[("architecture", "arm64")][..], &[("architecture", "x86_64")], &[("rust", "arm64")], &[]]
    {
        hashes.push(hash_with(&folder, settings).await.unwrap());
    }
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), 4);
}

#[tokio::test]
async fn a_module_of_tailscaled_is_part_of_it() {
    let folder = workspace();
    let (crates, module) = (crates(&folder).await.unwrap(), folder.path().join("tailscaled"));
    let of = |tailscaled| {
        Sources { crates: &crates, profiles: &["release"], settings: &[], tailscaled }.hash().unwrap()
    };
    let (without, before) = (of(None), of(Some(module.as_path())));
    assert_ne!(without, before);
    write(&folder, "tailscaled/go.mod", "module tailscaled\n\ngo 1.22\n");
    assert_ne!(before, of(Some(module.as_path())));
}

#[tokio::test]
async fn each_missing_thing_says_what_to_do() {
    let told = async |edit: fn(&TempDir)| {
        let folder = workspace();
        edit(&folder);
        let error = hash(&folder).await.unwrap_err().to_string();
        error.replace(&folder.path().canonicalize().unwrap().display().to_string(), "PROJECT")
    };
    let no_lock = told(|folder| fs::remove_file(folder.path().join("Cargo.lock")).unwrap()).await;
    insta::assert_snapshot!(no_lock, @"PROJECT/Cargo.lock is absent, so that a build would not be the same twice; make it with `cargo generate-lockfile`");
    let stale = told(|folder| replace(folder, "echo/Cargo.toml", "bytes =", "http =")).await;
    insta::assert_snapshot!(stale, @"Cargo.lock does not have `echo -> http`; bring it up to date with `cargo check`");
    let two = told(|folder| write(folder, "echo/src/bin/two.rs", "fn main() {}\n")).await;
    insta::assert_snapshot!(two, @"crate `echo` has 2 binaries, and one is to be built: keep one, or name it with `default-run`");
    let manifest =
        told(|folder| write(folder, "echo/Cargo.toml", "[package]\nname = 'echo'\nversion = 'x'\n")).await;
    assert!(manifest.contains("reading PROJECT/echo/Cargo.toml failed"), "{manifest}");
    assert!(manifest.contains("unexpected character 'x'"), "{manifest}");
}

#[tokio::test]
async fn a_missing_tool_says_how_to_install_it() {
    let folder = workspace();
    let empty = tempfile::tempdir().unwrap();
    let environment = Environment::read(|name| match name {
        "PATH" | "HOME" => Some(OsString::from(empty.path())),
        _ => None,
    });
    let function = folder.path().join("echo");
    let error = Crates::read(&function, &environment, &Task::silent()).await.unwrap_err().to_string();
    assert!(error.contains("is not installed") && error.contains("https://rustup.rs"), "{error}");
}
