//! The real Home Assistant with an imaginary house, and the owner that is made for it at its first start.

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
    let folder = layout.part(KIND.slug);
    Run::new("prepare Home Assistant's configuration", &tools.home_assistant_python)
        .args([layout.source(HOME_ASSISTANT).join("prepare.py")])
        .args(["--port", &PORT.to_string(), "--config"])
        .args([&folder])
        .output()
        .await?;
    Ok(Part {
        kind: KIND,
        program: Program {
            executable: tools.home_assistant_python.clone(),
            args: ["-m", "homeassistant", "--skip-pip", "--config", "."].map(Into::into).into(),
            env: environment(settings, &[]),
            folder: folder.clone(),
        },
        inputs: vec![folder.join("configuration.yaml")],
        estimate: Duration::from_secs(6),
        limit: Duration::from_secs(120),
    })
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
