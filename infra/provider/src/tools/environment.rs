//! The few environment variables that another tool may see.
//!
//! A build runs code of strangers (build scripts, procedural macros). It gets what it needs to find its toolchain,
//! its caches and the network, and nothing else: no AWS keys, no Pulumi passphrase. That also keeps a variable
//! somebody happens to have set (`RUSTFLAGS`, `GOFLAGS`) from changing the image.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const PASSED_ON: &[&str] = &[
    "ALL_PROXY",
    "CARGO_HOME",
    "CARGO_HTTP_CAINFO",
    "CARGO_HTTP_PROXY",
    "CARGO_NET_OFFLINE",
    "CARGO_TARGET_DIR",
    "GOCACHE",
    "GOENV",
    "GOMODCACHE",
    "GONOSUMDB",
    "GOPATH",
    "GOPRIVATE",
    "GOPROXY",
    "GOROOT",
    "GOSUMDB",
    "GOTOOLCHAIN",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "NO_PROXY",
    "PATH",
    "RUSTUP_AUTO_INSTALL",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "USER",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The variables that tools run with.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<&'static str, OsString>,
}

impl Environment {
    /// Takes what tools may see from `lookup`.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let variables = PASSED_ON.iter().filter_map(|name| Some((*name, lookup(name)?))).collect();
        Self { variables }
    }

    /// The same with other folders for programs.
    #[must_use]
    pub fn with_path(mut self, path: OsString) -> Self {
        self.variables.insert("PATH", path);
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(name).map(OsString::as_os_str)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &OsStr)> {
        self.variables.iter().map(|(name, value)| (*name, value.as_os_str()))
    }

    /// Cargo's home: registry sources and installed subcommands.
    pub(crate) fn cargo_home(&self) -> Option<PathBuf> {
        match self.get("CARGO_HOME") {
            Some(home) => Some(PathBuf::from(home)),
            None => Some(PathBuf::from(self.get("HOME")?).join(".cargo")),
        }
    }

    /// Where `program` is: on `PATH`, or among cargo's installed binaries, which cargo itself searches too.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        let path = self.get("PATH").unwrap_or_default();
        let cargo_bin = self.cargo_home().map(|home| home.join("bin"));
        std::env::split_paths(path).chain(cargo_bin).map(|folder| folder.join(program)).find(|file| {
            file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_flags_of_the_caller_do_not_reach_a_tool() {
        let environment = Environment::read(|name| Some(OsString::from(format!("value of {name}"))));
        for name in ["AWS_SECRET_ACCESS_KEY", "PULUMI_CONFIG_PASSPHRASE", "RUSTFLAGS", "GOFLAGS"] {
            assert_eq!(environment.get(name), None, "{name}");
        }
        assert_eq!(environment.get("PATH"), Some(OsStr::new("value of PATH")));
    }
}
