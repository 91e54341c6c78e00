//! Stand-ins for the slow tools: shell scripts that come first on `PATH`. cargo and rustc are the real ones.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use porch_provider::Environment;

/// Takes the options it needs, says what cargo says, and makes a "binary" that holds the function's source.
pub(crate) const CARGO_LAMBDA: &str = r#"
    while [ $# -gt 0 ]; do
        case "$1" in --lambda-dir) out=$2 ;; --bin) bin=$2 ;; esac
        shift
    done
    echo "   Compiling serde v1.0.0" >&2
    mkdir -p "$out/$bin" && cat functions/echo/src/main.rs > "$out/$bin/bootstrap"
"#;

/// The same for a target with a version of glibc at its end, which the folder of the result has not.
pub(crate) const CARGO_ZIGBUILD: &str = r#"
    [ "$1" = zigbuild ]
    while [ $# -gt 0 ]; do
        case "$1" in --target) target=$2 ;; --bin) bin=$2 ;; --profile) profile=$2 ;; esac
        shift
    done
    case "$target" in *.2.31) ;; *) echo "no version of glibc in $target" >&2; exit 1 ;; esac
    echo "   Compiling serde v1.0.0" >&2
    out=$CARGO_TARGET_DIR/${target%.2.31}/$profile
    mkdir -p "$out" && cat device/src/main.rs > "$out/$bin"
"#;

/// Answers the three questions of the plugin; the "binary" says for what it was built.
pub(crate) const GO: &str = r#"
    case "$1" in
        env) echo go1.26.8 ;;
        tool) echo ts_omit_everything ;;
        build)
            while [ $# -gt 0 ]; do case "$1" in -o) out=$2 ;; esac; shift; done
            echo "tailscaled for $GOARCH" > "$out" ;;
    esac
"#;

/// Writes the script of a tool into `folder`.
pub(crate) fn write(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    // Not in place: a script that is running cannot be written.
    let _absent = fs::remove_file(&path);
    fs::write(&path, format!("#!/bin/sh\nset -eu\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// What tools run with: the stand-ins in `folder`, then the machine's own PATH without its cargo-lambda, cargo-zigbuild and go.
pub(crate) fn environment(folder: &Path) -> Environment {
    #[expect(clippy::disallowed_methods, reason = "the tests run the real cargo, which has to be found")]
    let real = |name: &str| std::env::var_os(name);
    let path = real("PATH").unwrap_or_default();
    let without_real = std::env::split_paths(&path).filter(|folder| {
        !["cargo-lambda", "cargo-zigbuild", "go"].iter().any(|tool| folder.join(tool).exists())
    });
    let path = std::env::join_paths([folder.to_owned()].into_iter().chain(without_real)).unwrap();
    Environment::read(|name| match name {
        "PATH" => Some(path.clone()),
        // Cargo's own folder of subcommands may hold a real cargo-lambda.
        "CARGO_HOME" => Some(OsString::from(folder.join("cargo-home"))),
        "RUSTUP_HOME" => {
            real("RUSTUP_HOME").or_else(|| Some(Path::new(&real("HOME")?).join(".rustup").into()))
        }
        _ => real(name),
    })
}
