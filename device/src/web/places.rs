//! Where the page listens.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// A place to listen at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `"loopback"`: this machine, 127.0.0.1.
    Loopback,
    /// `"tailnet"`: this machine's address in the tailnet, while it has one.
    Tailnet,
    /// An address of its own, or all of them.
    Address(IpAddr),
}

/// Where the kernel lists the network's interfaces, and how tailscaled calls its own.
const INTERFACES: &str = "/sys/class/net";
pub(super) const TAILSCALE: &str = "tailscale0";

/// Tailscale's own addresses, which every node of a tailnet has a route to ("Quad100").
const QUAD100: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(100, 100, 100, 100)), 53);

impl Place {
    /// The place of this name or address.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "loopback" => Some(Self::Loopback),
            "tailnet" => Some(Self::Tailnet),
            address => address.parse().ok().map(Self::Address),
        }
    }

    /// Whether whoever comes in there has to know the password.
    pub fn needs_password(self) -> bool {
        match self {
            Self::Loopback | Self::Tailnet => false,
            Self::Address(address) => !address.is_loopback(),
        }
    }

    /// Its address, if it has one now.
    pub(super) fn address(self) -> Option<IpAddr> {
        match self {
            Self::Loopback => Some(Ipv4Addr::LOCALHOST.into()),
            Self::Tailnet => tailnet(),
            Self::Address(address) => Some(address),
        }
    }
}

/// This machine's address in the tailnet. Nothing is sent to find it: the kernel says from where something would be.
fn tailnet() -> Option<IpAddr> {
    fs::metadata(format!("{INTERFACES}/{TAILSCALE}")).ok()?;
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(QUAD100).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| is_of_tailnet(*address))
}

/// Whether an address is of those that tailnets have (100.64.0.0/10, fd7a:115c:a1e0::/48).
pub(super) fn is_of_tailnet(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            a == 100 && (64..128).contains(&b)
        }
        IpAddr::V6(address) => {
            const PREFIX: Ipv6Addr = Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, 0);
            address.segments()[..3] == PREFIX.segments()[..3]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_name_or_an_address_and_strangers_need_a_password() {
        let cases = [
            ("loopback", Some((Place::Loopback, false))),
            ("tailnet", Some((Place::Tailnet, false))),
            ("127.0.0.2", Some((Place::Address([127, 0, 0, 2].into()), false))),
            ("192.168.1.20", Some((Place::Address([192, 168, 1, 20].into()), true))),
            ("0.0.0.0", Some((Place::Address([0, 0, 0, 0].into()), true))),
            ("100.64.1.1", Some((Place::Address([100, 64, 1, 1].into()), true))),
            ("::", Some((Place::Address(Ipv6Addr::UNSPECIFIED.into()), true))),
            ("lan", None),
            ("192.168.1.20:8080", None),
        ];
        for (text, wanted) in cases {
            let found = Place::parse(text);
            assert_eq!(found.map(|place| (place, place.needs_password())), wanted, "{text}");
        }
    }

    #[test]
    fn addresses_of_tailnets_are_told_from_others() {
        for (text, wanted) in [
            ("100.64.0.1", true),
            ("100.127.255.254", true),
            ("::ffff:100.100.1.1", true),
            ("fd7a:115c:a1e0::1", true),
            ("100.63.255.255", false),
            ("100.128.0.1", false),
            ("192.168.1.1", false),
            ("fd7a:115c:a1e1::1", false),
        ] {
            assert_eq!(is_of_tailnet(text.parse().expect("an address")), wanted, "{text}");
        }
    }
}
