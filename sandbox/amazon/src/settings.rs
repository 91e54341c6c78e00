//! What the fake is started with.

use std::fmt;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use http::Uri;

use crate::host::Host;

/// The command line, before it is checked.
#[derive(clap::Parser)]
#[command(
    name = "fake-amazon",
    version,
    about = "Plays Login with Amazon, the Alexa event gateways and the Skill Management API"
)]
pub struct Arguments {
    /// Where the first host listens (loopback only); the others and the driver's port follow it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9410")]
    pub listen: SocketAddr,
    /// Folder in which customers and tokens are kept; made when absent.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Where AWS is, for who may call a skill's functions; without it nobody may.
    #[arg(long, value_name = "URL")]
    pub aws: Option<Uri>,
}

/// Checked settings.
#[derive(Debug)]
pub struct Settings {
    /// Where the first host listens.
    pub listen: SocketAddr,
    /// The folder for the world; it is there.
    pub state: PathBuf,
    /// Where AWS is.
    pub aws: Option<Uri>,
}

/// Every setting that is wrong, one line each.
#[derive(Debug, PartialEq, Eq)]
pub struct WrongSettings(Vec<String>);

impl Settings {
    /// Checks the arguments and makes the folder.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn check(arguments: &Arguments) -> Result<Self, WrongSettings> {
        let (listen, state) = (arguments.listen, arguments.state.clone());
        let mut wrong = Vec::new();
        let others = u16::try_from(Host::ALL.len()).unwrap_or(u16::MAX);
        if !listen.ip().is_loopback() || listen.port().checked_add(others).is_none() {
            wrong.push(format!(
                "--listen  found `{listen}`   expected a loopback address with {others} ports after it, like \
                 127.0.0.1:9410"
            ));
        }
        if let Err(error) = fs::create_dir_all(&state) {
            wrong.push(format!("--state   cannot make `{}`: {error}", state.display()));
        }
        let aws = arguments.aws.clone();
        if let Some(url) = aws.as_ref().filter(|url| !is_near(url)) {
            wrong.push(format!(
                "--aws     found `{url}`   expected the http URL of an emulator at a loopback address, like \
                 http://127.0.0.1:4566"
            ));
        }
        if wrong.is_empty() { Ok(Self { listen, state, aws }) } else { Err(WrongSettings(wrong)) }
    }
}

/// Whether it is on this machine: what is asked there is signed with everybody's key.
fn is_near(url: &Uri) -> bool {
    let is_loopback = |host: &str| host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    url.scheme_str() == Some("http") && url.host().is_some_and(is_loopback) && url.path() == "/"
}

impl fmt::Display for WrongSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, verb) = (self.0.len(), if self.0.len() == 1 { "setting is" } else { "settings are" });
        writeln!(out, "fake-amazon: {count} {verb} wrong")?;
        self.0.iter().try_for_each(|line| writeln!(out, "  {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_setting_is_reported_at_once() {
        let listen = "0.0.0.0:9410".parse().unwrap();
        let aws = Some("https://lambda.us-east-1.amazonaws.com".parse().unwrap());
        let arguments = Arguments { listen, state: "/dev/null/x".into(), aws };
        let report = Settings::check(&arguments).unwrap_err();
        assert_eq!(
            report.to_string(),
            "fake-amazon: 3 settings are wrong\n  \
             --listen  found `0.0.0.0:9410`   expected a loopback address with 4 ports after it, like 127.0.0.1:9410\n  \
             --state   cannot make `/dev/null/x`: Not a directory (os error 20)\n  \
             --aws     found `https://lambda.us-east-1.amazonaws.com/`   expected the http URL of an emulator at a \
             loopback address, like http://127.0.0.1:4566\n"
        );
    }
}
