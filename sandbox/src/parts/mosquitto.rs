//! Mosquitto, the broker that most people have beside their Home Assistant. It is Debian's, and left out where it is not
//! installed.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use package::Sha256;
use secrecy::{ExposeSecret, SecretString};

use super::{Kind, Part, environment};
use crate::error::{Error, Result};
use crate::layout::{Layout, make_folder, write_private};
use crate::process::Program;
use crate::procfs::Protocol;
use crate::ready::Probe;
use crate::run::Run;
use crate::settings::Settings;

/// Its port on 127.0.0.1.
pub const PORT: u16 = 9422;
/// The doorbell's account.
pub const DOORBELL: &str = "doorbell";
/// Debian's package.
pub const PACKAGE: &str = "mosquitto";
/// How to have it.
pub const REMEDY: &str = "apt install mosquitto";
/// Where Debian has it, which is on no user's `PATH`.
const PROGRAM: &str = "/usr/sbin/mosquitto";

/// The part.
pub const KIND: Kind = Kind {
    slug: "mosquitto",
    title: "Mosquitto (MQTT broker)",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |_| Probe::Listens { port: PORT },
    patience: Duration::from_secs(5),
};

/// Somebody who may come in.
#[derive(Clone, Debug)]
pub struct Account {
    /// The name.
    pub user: String,
    /// The password.
    pub password: SecretString,
    /// What that one may read and write, as lines of Mosquitto's access list.
    pub access: Vec<String>,
}

/// Whether it can run here.
#[must_use]
pub fn is_installed(settings: &Settings) -> bool {
    ["mosquitto", "mosquitto_passwd"].iter().all(|program| find(settings, program).is_ok())
}

/// A broker for these accounts and nobody else, which forgets everything when it ends.
///
/// # Errors
/// When it is not installed, or its files cannot be written.
pub async fn part(settings: &Settings, layout: &Layout, accounts: &[Account]) -> Result<Part> {
    let (executable, hasher) = (find(settings, "mosquitto")?, find(settings, "mosquitto_passwd")?);
    let folder = layout.part(KIND.slug);
    make_folder(&folder)?;
    let (mut passwords, mut access) = (String::new(), String::new());
    for Account { user, password, access: lines } in accounts {
        let _ = writeln!(passwords, "{user}:{}", password.expose_secret());
        let _ = writeln!(access, "user {user}\n{}\n", lines.join("\n"));
    }
    // Started as root it would become another user, who cannot read its files.
    let configuration = format!(
        "listener {PORT} 127.0.0.1\nallow_anonymous false\npassword_file passwords\nacl_file access\n\
         persistence false\nuser root\n"
    );
    let [configured, known, allowed, digest] =
        ["mosquitto.conf", "passwords", "access", "passwords.sha256"].map(|name| folder.join(name));
    write_private(&configured, configuration)?;
    write_private(&allowed, access)?;
    // Hashed passwords are others each time, and are no reason to start it anew.
    write_private(&digest, Sha256::of(passwords.as_bytes()).to_string())?;
    write_private(&known, passwords)?;
    // Not `-b`, whose passwords everybody could read in the list of processes.
    Run::new("hash the broker's passwords", hasher).args(["-U"]).args([&known]).output().await?;
    Ok(Part {
        kind: KIND,
        program: Program {
            executable,
            args: ["-c", "mosquitto.conf"].map(Into::into).into(),
            env: environment(settings, &[]),
            folder,
        },
        inputs: vec![configured, allowed, digest],
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(10),
    })
}

fn find(settings: &Settings, program: &str) -> Result<PathBuf> {
    let lack = || Error::Machine(vec![format!("mosquitto is not installed (Debian: {REMEDY})")]);
    let debian = Some(PathBuf::from(PROGRAM)).filter(|path| path.ends_with(program) && path.exists());
    settings.find(program).or(debian).ok_or_else(lack)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_broker_is_told_with_its_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let lookup =
            |name: &str| (name == "HOME" || name == "PATH").then(|| folder.path().as_os_str().to_owned());
        let settings = Settings::read(folder.path(), lookup).unwrap();
        let told = find(&settings, "mosquitto_passwd").unwrap_err().to_string();
        assert!(told.contains("apt install mosquitto"), "{told}");
    }
}
