//! What the runner is started with: arguments and the emulator's credentials, checked together.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use url::{Host, Url};

/// The command line, before it is checked.
#[derive(clap::Parser)]
#[command(name = "lambda-runner", version, about = "Runs deployed Lambda functions on this machine")]
pub struct Arguments {
    /// Where to answer Lambda's Invoke API (loopback only).
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9400")]
    pub listen: SocketAddr,
    /// The AWS emulator that holds functions, roles and images (loopback only).
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    pub emulator: Url,
    /// Folder for unpacked images and logs; made when absent.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// AWS's runtime interface emulator, for this machine's architecture.
    #[arg(long, value_name = "PATH")]
    pub rie: PathBuf,
    /// Certificate authority (PEM) that functions trust besides their image's own.
    #[arg(long, value_name = "FILE")]
    pub ca: PathBuf,
    /// A variable that tells functions where a service is here (a loopback address), unless they set it themselves.
    #[arg(long, value_name = "NAME=URL")]
    pub elsewhere: Vec<String>,
}

/// Checked settings.
pub struct Settings {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// The emulator's address, always loopback.
    pub emulator: Url,
    /// `AWS_REGION`, default `us-east-1`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`, default `test`: the emulator takes any key.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`, default `test`.
    pub secret_access_key: SecretString,
    /// Absolute path of the state folder.
    pub state: PathBuf,
    /// Absolute path of the runtime interface emulator.
    pub rie: PathBuf,
    /// Absolute path of the certificate authority.
    pub ca: PathBuf,
    /// What functions are told about where services are, by variable.
    pub elsewhere: Vec<(String, String)>,
}

/// Every setting that is wrong, one line each.
#[derive(Debug, PartialEq, Eq)]
pub struct WrongSettings(Vec<String>);

impl Settings {
    /// Checks the arguments and reads `AWS_*` through `lookup`; makes the state folder.
    pub fn check(
        arguments: &Arguments,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, WrongSettings> {
        let mut wrong = Vec::new();
        if !arguments.listen.ip().is_loopback() {
            let found = arguments.listen;
            wrong.push(format!(
                "--listen    found `{found}`   expected a loopback address, like 127.0.0.1:9400"
            ));
        }
        if !is_loopback_http(&arguments.emulator) {
            let found = &arguments.emulator;
            wrong.push(format!("--emulator  found `{found}`   expected http:// and a loopback address: functions here must never reach a real account"));
        }
        let mut elsewhere = Vec::new();
        for found in &arguments.elsewhere {
            match variable(found) {
                Some(variable) => elsewhere.push(variable),
                None => wrong.push(format!(
                    "--elsewhere  found `{found}`   expected a variable and a loopback address, like LWA_URL=http://127.0.0.1:9500"
                )),
            }
        }
        let mut path = |name: &str, checked: Result<PathBuf, String>| {
            checked.map_err(|why| wrong.push(format!("{name:<11} {why}"))).unwrap_or_default()
        };
        let state = path("--state", made_folder(&arguments.state));
        let rie = path("--rie", executable(&arguments.rie));
        let ca = path("--ca", certificate(&arguments.ca));
        let mut text = |name: &str, default: &str| match lookup(name).map(OsString::into_string) {
            None => default.to_owned(),
            Some(Ok(value)) if !value.is_empty() => value,
            Some(_) => {
                wrong.push(format!(
                    "{name}  found an empty or unreadable value   expected text, or no variable"
                ));
                String::new()
            }
        };
        let region = text("AWS_REGION", "us-east-1");
        let access_key_id = text("AWS_ACCESS_KEY_ID", "test");
        let secret_access_key = SecretString::from(text("AWS_SECRET_ACCESS_KEY", "test"));
        if !wrong.is_empty() {
            return Err(WrongSettings(wrong));
        }
        let (listen, emulator) = (arguments.listen, arguments.emulator.clone());
        Ok(Self { listen, emulator, region, access_key_id, secret_access_key, state, rie, ca, elsewhere })
    }
}

/// `NAME=URL`, with the name of a variable and an address on this machine.
fn variable(text: &str) -> Option<(String, String)> {
    let (name, url) = text.split_once('=')?;
    let word = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let named = name.bytes().all(word) && name.starts_with(|first: char| first.is_ascii_uppercase());
    let local = Url::parse(url).is_ok_and(|url| is_loopback_http(&url));
    (named && local).then(|| (name.to_owned(), url.to_owned()))
}

fn is_loopback_http(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && loopback
}

fn made_folder(path: &Path) -> Result<PathBuf, String> {
    fs::create_dir_all(path)
        .and_then(|()| path.canonicalize())
        .map_err(|error| format!("cannot make `{}`: {error}", path.display()))
}

fn executable(path: &Path) -> Result<PathBuf, String> {
    let found = |why: &dyn fmt::Display| {
        format!("found `{}`: {why}   expected aws-lambda-rie of the aws-sam-cli package", path.display())
    };
    let metadata = fs::metadata(path).map_err(|error| found(&error))?;
    if !metadata.is_file() || metadata.permissions().mode() & 0o111 == 0 {
        return Err(found(&"not an executable file"));
    }
    path.canonicalize().map_err(|error| found(&error))
}

fn certificate(path: &Path) -> Result<PathBuf, String> {
    let found = |why: &dyn fmt::Display| {
        format!("found `{}`: {why}   expected a certificate in PEM form", path.display())
    };
    let text = fs::read_to_string(path).map_err(|error| found(&error))?;
    if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Err(found(&"no certificate in it"));
    }
    path.canonicalize().map_err(|error| found(&error))
}

impl fmt::Display for WrongSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, verb) = (self.0.len(), if self.0.len() == 1 { "setting is" } else { "settings are" });
        writeln!(out, "lambda-runner: {count} {verb} wrong")?;
        self.0.iter().try_for_each(|line| writeln!(out, "  {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn every_wrong_setting_is_reported_at_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), "not a certificate").unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let arguments = Arguments::parse_from([
            "lambda-runner",
            "--listen",
            "0.0.0.0:9400",
            "--emulator",
            "https://lambda.us-east-1.amazonaws.com",
            "--state",
            &path("state"),
            "--rie",
            &path("absent"),
            "--ca",
            &path("ca.pem"),
            "--elsewhere",
            "LWA_URL=https://api.amazon.com",
            "--elsewhere",
            "lwa=http://127.0.0.1:1",
        ]);
        let lookup = |name: &str| (name == "AWS_REGION").then(OsString::new);
        let report = Settings::check(&arguments, lookup).err().unwrap().to_string();
        let report = report.replace(&folder.path().display().to_string(), "DIR");
        insta::assert_snapshot!(report, @r"
        lambda-runner: 7 settings are wrong
          --listen    found `0.0.0.0:9400`   expected a loopback address, like 127.0.0.1:9400
          --emulator  found `https://lambda.us-east-1.amazonaws.com/`   expected http:// and a loopback address: functions here must never reach a real account
          --elsewhere  found `LWA_URL=https://api.amazon.com`   expected a variable and a loopback address, like LWA_URL=http://127.0.0.1:9500
          --elsewhere  found `lwa=http://127.0.0.1:1`   expected a variable and a loopback address, like LWA_URL=http://127.0.0.1:9500
          --rie       found `DIR/absent`: No such file or directory (os error 2)   expected aws-lambda-rie of the aws-sam-cli package
          --ca        found `DIR/ca.pem`: no certificate in it   expected a certificate in PEM form
          AWS_REGION  found an empty or unreadable value   expected text, or no variable
        ");
    }
}
