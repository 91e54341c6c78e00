//! The tailnet node at the house: a tailscaled in userspace mode, which hands what arrives for its port 8123 to
//! 127.0.0.1:8123, where Home Assistant listens.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::{Kind, Part, environment, headscale};
use crate::certificates::Certificates;
use crate::error::Result;
use crate::layout::{Layout, make_folder, write_if_changed};
use crate::process::Program;
use crate::ready::Probe;
use crate::settings::Settings;
use crate::tools::Tools;

/// Its name in the tailnet.
pub const HOSTNAME: &str = "home";
const CONFIG: &str = "config.json";
const STATE: &str = "tailscaled.state";

/// The part.
pub const KIND: Kind = Kind {
    slug: "home-node",
    title: "home node (tailscaled)",
    ports: &[],
    probe: |layout| Probe::Tailnet { folder: layout.part(KIND.slug) },
    patience: Duration::from_secs(10),
};

/// Home Assistant as the bridge reaches it.
#[must_use]
pub fn base_url() -> String {
    format!("http://{HOSTNAME}.{}:{}", headscale::DOMAIN, super::home_assistant::PORT)
}

/// Whether the node was in the tailnet before and will be the same node again.
#[must_use]
pub fn is_known(layout: &Layout) -> bool {
    layout.part(KIND.slug).join(STATE).exists()
}

/// The home node, joining the tailnet of `control_url` with `key`.
///
/// # Errors
/// When its configuration cannot be written.
pub fn part(
    settings: &Settings,
    layout: &Layout,
    tools: &Tools,
    certificates: &Certificates,
    control_url: &str,
    key: &SecretString,
) -> Result<Part> {
    let folder = layout.part(KIND.slug);
    make_folder(&folder)?;
    let config = serde_json::json!({
        "version": "alpha0",
        "AuthKey": key.expose_secret(),
        "ServerURL": control_url,
        "Hostname": HOSTNAME,
        "acceptDNS": false,
        "acceptRoutes": false,
        "Locked": false,
    });
    write_if_changed(&folder.join(CONFIG), config.to_string())?;
    let mut args: Vec<_> =
        ["--tun=userspace-networking", "--no-logs-no-support", "--port=0"].map(Into::into).into();
    args.extend(["--socket=ts.sock", "--statedir=."].map(Into::into));
    args.extend([format!("--state={STATE}").into(), format!("--config={CONFIG}").into()]);
    Ok(Part {
        kind: KIND,
        program: Program {
            executable: tools.tailscaled.clone(),
            args,
            env: environment(settings, &[("SSL_CERT_FILE", certificates.ca.clone().into())]),
            folder: folder.clone(),
        },
        inputs: vec![folder.join(CONFIG), certificates.ca.clone()],
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(60),
    })
}
