//! The phone of the person who links the skill, as a node of the tailnet: a browser reaches the tailnet by the SOCKS
//! server of its tailscaled.

use std::time::Duration;

use secrecy::SecretString;

use super::node::Node;
use super::{Kind, Part, headscale};
use crate::certificates::Certificates;
use crate::error::Result;
use crate::layout::Layout;
use crate::procfs::Protocol;
use crate::ready::Probe;
use crate::settings::Settings;
use crate::tools::Tools;

/// Port of its SOCKS server on 127.0.0.1.
pub const SOCKS: u16 = 8474;

/// The part.
pub const KIND: Kind = Kind {
    slug: "phone",
    title: "phone (tailscaled)",
    ports: &[(Protocol::Tcp, SOCKS)],
    probe: |layout| Probe::Tailnet { folder: layout.part(KIND.slug) },
    patience: Duration::from_secs(10),
};

/// The phone, joining the tailnet with `key`.
///
/// # Errors
/// When its configuration cannot be written.
pub fn part(
    settings: &Settings,
    layout: &Layout,
    tools: &Tools,
    certificates: &Certificates,
    key: &SecretString,
) -> Result<Part> {
    let node = Node {
        kind: KIND,
        hostname: "phone",
        control_url: headscale::URL,
        key,
        tailscaled: &tools.tailscaled,
        args: &[format!("--socks5-server=127.0.0.1:{SOCKS}")],
    };
    node.part(settings, layout, certificates)
}
