//! The tailnet node at the house: a tailscaled in userspace mode, which hands what arrives for its port 8123 to
//! 127.0.0.1:8123, where Home Assistant listens.

use std::time::Duration;

use secrecy::SecretString;

use super::node::{self, Node};
use super::{Kind, Part, headscale};
use crate::certificates::Certificates;
use crate::error::Result;
use crate::layout::Layout;
use crate::ready::Probe;
use crate::settings::Settings;
use crate::tools::Tools;

/// Its name in the tailnet.
pub const HOSTNAME: &str = "home";

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
    node::is_known(&layout.part(KIND.slug))
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
    let node =
        Node { kind: KIND, hostname: HOSTNAME, control_url, key, tailscaled: &tools.tailscaled, args: &[] };
    node.part(settings, layout, certificates)
}
