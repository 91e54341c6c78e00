//! The node beside a name server that only the tailnet reaches.
//!
//! Control servers name such a server by its address alone, and so it has to answer on port 53 of its node. Nobody but
//! root may listen there, and a node in userspace mode hands a connection only to the same port of this machine, unless
//! told otherwise by `tailscale serve`, which hands it to any port. That is why this node runs the whole tailscaled: the
//! function's own is built without it. It is for TCP alone, which is enough: the resolver of a node in userspace mode
//! asks by UDP as well, but outside of the tailnet, where nobody answers.

use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;

use super::node::{Node, SOCKET};
use super::{Kind, Part, headscale};
use crate::certificates::Certificates;
use crate::error::Result;
use crate::layout::Layout;
use crate::ready::Probe;
use crate::run::Run;
use crate::settings::Settings;

/// The part.
pub const KIND: Kind = Kind {
    slug: "name-server",
    title: "name server's node (tailscaled)",
    ports: &[],
    probe: |layout| Probe::Tailnet { folder: layout.part(KIND.slug) },
    patience: Duration::from_secs(10),
};

/// The node, joining the tailnet with `key`; `whole_tailscale` is the folder of the whole tailscaled.
///
/// # Errors
/// When its configuration cannot be written.
pub fn part(
    settings: &Settings,
    layout: &Layout,
    whole_tailscale: &Path,
    certificates: &Certificates,
    key: &SecretString,
) -> Result<Part> {
    let node = Node {
        kind: KIND,
        hostname: "names",
        control_url: headscale::URL,
        key,
        tailscaled: &whole_tailscale.join("tailscaled"),
        args: &[],
    };
    node.part(settings, layout, certificates)
}

/// Hands what arrives for port 53 of the running node to `port` of 127.0.0.1.
///
/// # Errors
/// When the node refuses.
pub async fn serve(layout: &Layout, whole_tailscale: &Path, port: u16) -> Result<()> {
    Run::new("serve DNS in the tailnet", whole_tailscale.join("tailscale"))
        .args(["--socket", SOCKET, "serve", "--bg", "--tcp", "53"])
        .args([format!("tcp://127.0.0.1:{port}")])
        // Here, because the path of a socket has at most 107 bytes.
        .folder(&layout.part(KIND.slug))
        .output()
        .await
        .map(|_| ())
}
