//! Who else is in the tailnet, as LocalAPI's `status` tells it (`ipnstate.Status` in tailscale's ipn/ipnstate).

use std::collections::HashMap;
use std::net::IpAddr;

use serde::Deserialize;

/// The nodes that the control server lets this one see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Netmap {
    /// This node's name in the tailnet, like `porch-bridge.example.ts.net`.
    pub own_name: String,
    /// Every other node, by name.
    pub peers: Vec<Peer>,
}

/// Another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name in the tailnet, like `home.example.ts.net`.
    pub name: String,
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether the control server has a connection to it.
    pub online: bool,
    /// Whether its key has expired, so that nobody talks to it any more.
    pub expired: bool,
    /// How packets get there.
    pub path: Path,
    /// What is sent to it: its own addresses, and the subnets that it routes.
    prefixes: Vec<Prefix>,
}

/// How packets get to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Nothing was sent lately.
    Unused,
    /// Straight to it.
    Direct,
    /// Through a relay, a DERP region by its code or another node.
    Relay(String),
}

impl Netmap {
    /// Reads the answer of `status`.
    pub(crate) fn read(answer: &[u8]) -> serde_json::Result<Self> {
        let status: Status = serde_json::from_slice(answer)?;
        let mut peers: Vec<_> = status.peers.unwrap_or_default().into_values().map(Peer::from).collect();
        peers.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { own_name: status.own.map(|own| own.name()).unwrap_or_default(), peers })
    }

    /// The peer that what is sent to `address` goes to: the one of that address, else the one that routes the smallest
    /// subnet around it. An exit node routes everything, but not for a node that has not chosen it.
    #[must_use]
    pub fn peer_at(&self, address: IpAddr) -> Option<&Peer> {
        let reaching = self.peers.iter().filter_map(|peer| Some((peer.reach(address)?, peer)));
        reaching.max_by_key(|(length, _)| *length).map(|(_, peer)| peer)
    }
}

impl Peer {
    /// Whether `address` is its own, and not one of a subnet that it routes.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address)
    }

    /// Length of its longest prefix that has `address` in it.
    fn reach(&self, address: IpAddr) -> Option<u8> {
        let prefixes = self.prefixes.iter().filter(|prefix| prefix.length > 0 && prefix.contains(address));
        prefixes.map(|prefix| prefix.length).max()
    }
}

/// A subnet, like `192.168.1.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Prefix {
    address: IpAddr,
    length: u8,
}

impl Prefix {
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        Some(Self { address: address.parse().ok()?, length: length.parse().ok()? })
    }

    fn contains(self, address: IpAddr) -> bool {
        let differs_after = match (self.address, address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
            (_, _) => return false,
        };
        differs_after >= u32::from(self.length)
    }
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "Self")]
    own: Option<PeerStatus>,
    #[serde(rename = "Peer")]
    peers: Option<HashMap<String, PeerStatus>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PeerStatus {
    host_name: String,
    #[serde(rename = "DNSName")]
    dns_name: String,
    #[serde(rename = "TailscaleIPs")]
    tailscale_ips: Option<Vec<IpAddr>>,
    #[serde(rename = "AllowedIPs")]
    allowed_ips: Option<Vec<String>>,
    cur_addr: String,
    relay: String,
    peer_relay: String,
    online: bool,
    expired: bool,
    active: bool,
}

impl PeerStatus {
    fn name(&self) -> String {
        let name = if self.dns_name.is_empty() { &self.host_name } else { &self.dns_name };
        name.trim_end_matches('.').to_owned()
    }

    fn path(&self) -> Path {
        if !self.active {
            Path::Unused
        } else if !self.cur_addr.is_empty() {
            Path::Direct
        } else if !self.peer_relay.is_empty() {
            Path::Relay("another node".into())
        } else {
            Path::Relay(self.relay.clone())
        }
    }
}

impl From<PeerStatus> for Peer {
    fn from(status: PeerStatus) -> Self {
        let (name, path) = (status.name(), status.path());
        let prefixes = status.allowed_ips.iter().flatten().filter_map(|text| Prefix::parse(text)).collect();
        Self {
            name,
            addresses: status.tailscale_ips.unwrap_or_default(),
            online: status.online,
            expired: status.expired,
            path,
            prefixes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn netmap(peers: &serde_json::Value) -> Netmap {
        let own = serde_json::json!({"HostName": "porch-bridge", "DNSName": "porch-bridge.example.ts.net."});
        let status = serde_json::json!({"Self": own, "Peer": peers}).to_string();
        Netmap::read(status.as_bytes()).expect("a status")
    }

    #[test]
    fn whoever_has_or_routes_an_address_is_found() {
        let netmap = netmap(&serde_json::json!({
            "nodekey:1": {"DNSName": "home.example.ts.net.", "TailscaleIPs": ["100.64.0.1", "fd7a::1"],
                "AllowedIPs": ["100.64.0.1/32", "fd7a::1/128"], "Online": true},
            "nodekey:2": {"DNSName": "router.example.ts.net.", "TailscaleIPs": ["100.64.0.2"],
                "AllowedIPs": ["100.64.0.2/32", "192.168.0.0/16", "fd00:1::/32"]},
            "nodekey:3": {"HostName": "nearer", "AllowedIPs": ["192.168.1.0/24", "no prefix"]},
            "nodekey:4": {"HostName": "exit", "AllowedIPs": ["0.0.0.0/0", "::/0"]},
            "nodekey:5": {"HostName": "bare", "AllowedIPs": null, "TailscaleIPs": null},
        }));
        assert_eq!(netmap.own_name, "porch-bridge.example.ts.net");
        for (address, wanted) in [
            ("100.64.0.1", Some(("home.example.ts.net", true))),
            ("fd7a::1", Some(("home.example.ts.net", true))),
            ("192.168.7.1", Some(("router.example.ts.net", false))),
            ("192.168.1.9", Some(("nearer", false))),
            ("fd00:1:2::3", Some(("router.example.ts.net", false))),
            ("10.0.0.1", None),
            ("fd7a::2", None),
        ] {
            let address: IpAddr = address.parse().expect(address);
            let found = netmap.peer_at(address).map(|peer| (peer.name.as_str(), peer.has(address)));
            assert_eq!(found, wanted, "{address}");
        }
    }

    #[test]
    fn the_path_to_a_peer_is_told() {
        for (status, wanted) in [
            (serde_json::json!({"Relay": "fra"}), Path::Unused),
            (serde_json::json!({"Relay": "fra", "Active": true}), Path::Relay("fra".into())),
            (serde_json::json!({"CurAddr": "192.0.2.1:41641", "Relay": "fra", "Active": true}), Path::Direct),
            (
                serde_json::json!({"PeerRelay": "192.0.2.1:7:1", "Active": true}),
                Path::Relay("another node".into()),
            ),
        ] {
            assert_eq!(netmap(&serde_json::json!({"nodekey:1": status})).peers[0].path, wanted);
        }
    }
}
