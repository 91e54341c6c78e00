//! Where a bridge is.

use std::fmt;

use certificates::Expected;
use http::uri::Authority;
use rustls::pki_types::ServerName;

/// A host name or an IP address, with a port if it is not 443.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Authority);

impl Address {
    /// Reads an address as people write it: `192.168.1.20`, `hue.lan`, `[fd00::20]:8443`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        const EXPECTED: Expected = "the bridge's address, like 192.168.1.20 or hue.lan, without https://";
        let authority: Authority = text.parse().map_err(|_| EXPECTED)?;
        let host = authority.host();
        let after_host = authority.as_str().strip_prefix(host).ok_or(EXPECTED)?;
        let port_is_good = after_host.is_empty() || authority.port_u16().is_some_and(|port| port != 0);
        if text.contains('@') || !port_is_good {
            return Err(EXPECTED);
        }
        let address = Self(authority);
        address.server_name().map(|_| address.clone()).ok_or(EXPECTED)
    }

    /// What is dialled.
    pub(crate) fn target(&self) -> (&str, u16) {
        (self.bare_host(), self.0.port_u16().unwrap_or(443))
    }

    /// Whom TLS asks for.
    pub(crate) fn server_name(&self) -> Option<ServerName<'static>> {
        ServerName::try_from(self.bare_host().to_owned()).ok()
    }

    fn bare_host(&self) -> &str {
        self.0.host().trim_start_matches('[').trim_end_matches(']')
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_perhaps_a_port() {
        for (text, target) in [
            ("192.168.1.20", ("192.168.1.20", 443)),
            ("hue.lan", ("hue.lan", 443)),
            ("127.0.0.1:9421", ("127.0.0.1", 9421)),
            ("[fd00::20]:8443", ("fd00::20", 8443)),
        ] {
            let address = Address::parse(text).expect(text);
            assert_eq!((address.target(), address.to_string()), (target, text.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_no_address() {
        for text in [
            "",
            " ",
            "https://hue.lan",
            "hue.lan/api",
            "me@hue.lan",
            "hue.lan:",
            "hue.lan:0",
            "hue.lan:99999",
            "fd00::20",
            "a b",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
