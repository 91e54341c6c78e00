//! What every build with cargo has: how it is followed, and what makes it the same from any checkout.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::tools::Environment;

/// A whole dependency tree on a small machine takes minutes; this is for a build that hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What cargo is at, from a line of its output: the crate it compiles, the download or lock it waits for.
pub(crate) fn step(line: &str) -> Option<&str> {
    let line = line.trim();
    match line.split_once(' ')? {
        // A local crate is followed by its folder, which says nothing here.
        ("Compiling", of) => of.split(" (").next(),
        ("Blocking" | "Downloaded" | "Downloading" | "Updating", _) => Some(line),
        _ => None,
    }
}

/// The compiler's flags, in cargo's encoding that allows spaces in paths. Source paths end up in panic messages:
/// they are written as `/porch/…` and `/cargo/…` wherever the checkout and cargo's home are.
pub(crate) fn flags(own: &[&str], workspace_root: &Path, environment: &Environment) -> OsString {
    let mut flags: Vec<OsString> = own.iter().map(OsString::from).collect();
    let moved = [(Some(workspace_root.to_owned()), "/porch"), (environment.cargo_home(), "/cargo")];
    for (from, to) in moved {
        if let Some(from) = from {
            let mut flag = OsString::from("--remap-path-prefix=");
            flag.push(from);
            flag.push("=");
            flag.push(to);
            flags.push(flag);
        }
    }
    flags.join(OsString::from("\x1f").as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_cargo_become_steps() {
        let cases = [
            ("   Compiling serde v1.0.229", Some("serde v1.0.229")),
            ("   Compiling echo v0.1.0 (/home/me/porch/functions/echo)", Some("echo v0.1.0")),
            (
                "    Blocking waiting for file lock on build directory",
                Some("Blocking waiting for file lock on build directory"),
            ),
            ("warning: unused variable: `x`", None),
            ("", None),
        ];
        for (line, wanted) in cases {
            assert_eq!(step(line), wanted, "{line}");
        }
    }

    #[test]
    fn source_paths_are_hidden_even_with_spaces_in_them() {
        let environment = Environment::read(|name| (name == "HOME").then(|| OsString::from("/home/me")));
        let flags = flags(&["-Ca"], Path::new("/my code/porch"), &environment);
        let flags: Vec<&str> = flags.to_str().unwrap().split('\x1f').collect();
        assert_eq!(
            flags,
            [
                "-Ca",
                "--remap-path-prefix=/my code/porch=/porch",
                "--remap-path-prefix=/home/me/.cargo=/cargo",
            ]
        );
    }
}
