//! The real Home Assistant with an imaginary house, and the owner that is made for it at its first start.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::{Kind, Part, environment};
use crate::error::{Error, Result};
use crate::layout::{Layout, read_text};
use crate::process::Program;
use crate::procfs::Protocol;
use crate::progress::Progress;
use crate::ready::Probe;
use crate::run::Run;
use crate::settings::Settings;
use crate::tools::{HOME_ASSISTANT, Tools};

/// Its port on 127.0.0.1, and the home node's in the tailnet.
pub const PORT: u16 = 8123;
/// Its address on this machine. The function never uses it: it goes through the tailnet.
pub const URL: &str = "http://127.0.0.1:8123";

/// The part.
pub const KIND: Kind = Kind {
    slug: HOME_ASSISTANT,
    title: "Home Assistant",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |_| Probe::Http { url: format!("{URL}/auth/providers"), ca: None },
    // It stores the states of its devices.
    patience: Duration::from_secs(20),
};

/// Port of the one that serves https, on 127.0.0.1 and in the tailnet.
pub const HTTPS_PORT: u16 = 8443;

/// The same house over https.
pub const HTTPS_KIND: Kind = Kind {
    slug: "home-assistant-https",
    title: "Home Assistant over https",
    ports: &[(Protocol::Tcp, HTTPS_PORT)],
    // Who has no client certificate gets no answer, where one is asked for.
    probe: |_| Probe::Listens { port: HTTPS_PORT },
    patience: Duration::from_secs(20),
};

/// What it takes to serve https: files of PEM.
#[derive(Clone, Debug)]
pub struct Https {
    /// The certificate that it shows.
    pub certificate: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
    /// The authority that must have signed its clients' certificates, if it asks for them.
    pub clients: Option<PathBuf>,
}

/// How its owner logs in.
#[derive(Clone, Debug, Deserialize)]
pub struct Access {
    /// The owner's name.
    pub username: String,
    /// The owner's password.
    pub password: SecretString,
    /// A long-lived access token of the owner.
    pub token: SecretString,
}

/// Home Assistant, its configuration written anew.
///
/// # Errors
/// When the configuration cannot be written.
pub async fn part(settings: &Settings, layout: &Layout, tools: &Tools) -> Result<Part> {
    let folder = prepare(KIND, PORT, &[], layout, tools).await?;
    Ok(runs(KIND, folder, settings, tools))
}

/// Another one beside it, which serves https to the same users.
///
/// # Errors
/// When the configuration cannot be written, or the first has no owner yet.
pub async fn https_part(settings: &Settings, layout: &Layout, tools: &Tools, https: &Https) -> Result<Part> {
    let users = layout.part(KIND.slug);
    let mut args = vec!["--users-of".as_ref(), users.as_os_str()];
    args.extend(["--certificate".as_ref(), https.certificate.as_os_str()]);
    args.extend(["--key".as_ref(), https.key.as_os_str()]);
    if let Some(clients) = &https.clients {
        args.extend(["--clients".as_ref(), clients.as_os_str()]);
    }
    let folder = prepare(HTTPS_KIND, HTTPS_PORT, &args, layout, tools).await?;
    let mut part = runs(HTTPS_KIND, folder, settings, tools);
    part.inputs.extend([https.certificate.clone(), https.key.clone()]);
    part.inputs.extend(https.clients.clone());
    Ok(part)
}

/// Writes the configuration of `kind`, and gives its folder.
async fn prepare(kind: Kind, port: u16, args: &[&OsStr], layout: &Layout, tools: &Tools) -> Result<PathBuf> {
    let folder = layout.part(kind.slug);
    Run::new("prepare Home Assistant's configuration", &tools.home_assistant_python)
        .args([layout.source(HOME_ASSISTANT).join("prepare.py")])
        .args(["--port", &port.to_string(), "--config"])
        .args([&folder])
        .args(args)
        .output()
        .await?;
    Ok(folder)
}

/// The Home Assistant whose configuration is in `folder`.
fn runs(kind: Kind, folder: PathBuf, settings: &Settings, tools: &Tools) -> Part {
    Part {
        kind,
        inputs: vec![folder.join("configuration.yaml")],
        program: Program {
            executable: tools.home_assistant_python.clone(),
            args: ["-m", "homeassistant", "--skip-pip", "--config", "."].map(Into::into).into(),
            env: environment(settings, &[]),
            folder,
        },
        estimate: Duration::from_secs(6),
        limit: Duration::from_secs(120),
    }
}

/// Waits until all of it runs, and makes the owner and the token when there is none yet.
///
/// # Errors
/// When it does not come to run, or is somebody else's.
pub async fn onboard(layout: &Layout, tools: &Tools, progress: &Progress) -> Result<Access> {
    let onboard = Run::new("give Home Assistant an owner", &tools.home_assistant_python)
        .args([layout.source(HOME_ASSISTANT).join("onboard.py")])
        .args(["--url", URL, "--timeout", "120", "--out"])
        .args([file(layout)])
        .output();
    progress.step("Home Assistant's owner and token", Some(Duration::from_secs(3)), onboard).await?;
    access(layout)
}

/// How its owner logs in, as kept by [`onboard`].
///
/// # Errors
/// [`Error::NotSetUp`] when there is no owner yet.
pub fn access(layout: &Layout) -> Result<Access> {
    let text = read_text(&file(layout)).map_err(|_| Error::NotSetUp)?;
    serde_json::from_str(&text).map_err(|error| {
        let file = file(layout).display().to_string();
        Error::Answer(format!(
            "{file} is not what onboard.py writes ({error}); run `cargo xtask down --purge`"
        ))
    })
}

/// Where the owner's name, password and token are.
#[must_use]
pub fn file(layout: &Layout) -> PathBuf {
    layout.secret("home-assistant.json")
}
