//! The usual design, which the function is compared with: `sandbox/bench/usual.py`, started anew for each run.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::warm::SMART_HOME;
use crate::error::{Error, Result};
use crate::house::directive;
use crate::layout::Layout;
use crate::parts::home_node::HOSTNAME;
use crate::parts::{headscale, home_assistant};
use crate::run::Run;

/// What the usual design runs on, in one tailnet.
pub(super) struct Usual {
    /// The Python that runs it.
    pub(super) python: PathBuf,
    /// The folder of the whole `tailscale` and `tailscaled`.
    pub(super) tailscale: PathBuf,
    /// Where everything is.
    pub(super) layout: Layout,
    /// The tailnet's control server.
    pub(super) control_url: String,
    /// The key with which its nodes join.
    pub(super) auth_key: SecretString,
    /// The token of Home Assistant's owner.
    pub(super) token: SecretString,
}

/// One cold start of it.
#[derive(Debug, Deserialize)]
pub(super) struct Started {
    /// From the start of its process until the reply was there.
    pub(super) elapsed_ms: f64,
    /// Why there was no reply.
    pub(super) failure: Option<String>,
}

impl Usual {
    /// Starts it, and waits until it is gone again.
    pub(super) async fn start(&self) -> Result<Started> {
        let script = self.layout.source("bench/usual.py");
        let run = Run::new("run the usual design", &self.python).args(["-I"]).args([script]);
        let output = run.stdin(self.job().to_string()).output().await?;
        serde_json::from_str(&output.stdout)
            .map_err(|error| Error::Answer(format!("the usual design does not say how it went: {error}")))
    }

    /// What it is told, beginning now.
    fn job(&self) -> Value {
        let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        json!({
            "begun_ns": u64::try_from(begun.as_nanos()).unwrap_or(u64::MAX),
            "tailscale": self.tailscale.join("tailscale"),
            "tailscaled": self.tailscale.join("tailscaled"),
            "ca": self.layout.ca(),
            "folder": self.layout.part("usual"),
            "control_url": self.control_url,
            "auth_key": self.auth_key.expose_secret(),
            "host": format!("{HOSTNAME}.{}", headscale::DOMAIN),
            "port": home_assistant::PORT,
            "path": SMART_HOME,
            "token": self.token.expose_secret(),
            "directive": directive("Alexa.Discovery", "Discover", None, &self.token),
        })
    }
}
