//! Host names to addresses, as the tailnet knows them.

use std::net::IpAddr;

use simple_dns::rdata::RData;
use simple_dns::{Packet, RCODE};

use crate::local_api::{LocalApi, LocalApiError};

/// The address of `host`: itself if it is one, else the tailnet's first A record, else its first AAAA record.
///
/// The SOCKS server of `tailscaled` could take names too, but knows only those of nodes: names of split-DNS zones and
/// extra records fail there after 5 s (tailscale/tailscale issue 4677).
pub(crate) async fn resolve(local_api: &LocalApi, host: &str) -> Result<IpAddr, ResolveError> {
    if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse() {
        return Ok(address);
    }
    for record in ["A", "AAAA"] {
        let answer = local_api.dns_query(host, record).await?;
        if let Some(address) = first_address(&answer, host)? {
            return Ok(address);
        }
    }
    Err(ResolveError::NoAddress(host.into()))
}

fn first_address(message: &[u8], host: &str) -> Result<Option<IpAddr>, ResolveError> {
    let packet = Packet::parse(message).map_err(|_| ResolveError::Malformed(host.into()))?;
    let rcode = packet.rcode();
    if !matches!(rcode, RCODE::NoError | RCODE::NameError) {
        return Err(ResolveError::Failed { host: host.into(), rcode: format!("{rcode:?}") });
    }
    Ok(packet.answers.iter().find_map(|record| address_in(&record.rdata)))
}

fn address_in(record: &RData<'_>) -> Option<IpAddr> {
    if let RData::A(record) = record {
        return Some(IpAddr::V4(record.address.into()));
    }
    if let RData::AAAA(record) = record {
        return Some(IpAddr::V6(record.address.into()));
    }
    None
}

/// Why a name has no address.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The tailnet's resolver does not know the name.
    #[error("the tailnet knows no address of `{0}`")]
    NoAddress(String),
    /// The tailnet's resolver asked a name server that failed.
    #[error("the name server for `{host}` failed: {rcode}")]
    Failed {
        /// The name asked for.
        host: String,
        /// The response code of DNS.
        rcode: String,
    },
    /// The answer is no DNS message.
    #[error("the answer about `{0}` is not a dns message")]
    Malformed(String),
    /// The resolver could not be asked.
    #[error("the tailnet's resolver could not be asked")]
    Unanswered(#[from] LocalApiError),
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    // Answers of tailscaled v1.102.5, captured: an extra record, an unknown name, a name server out of reach.
    const EXTRA_RECORD: &str =
        "AAGFgAABAAEAAAAAAmhhBGhvbWUHZXhhbXBsZQAAAQABAmhhBGhvbWUHZXhhbXBsZQAAAQABAAAABQAEZEAAAQ==";
    const UNKNOWN: &str = "AAGFgwABAAAAAQAABG5vcGUFdHJpYWwIaW50ZXJuYWwAAAEAAQV0cmlhbAhpbnRlcm5hbAAABgABAAAACgA0BXRyaWFsCGludGVybmFsAAV0cmlhbAhpbnRlcm5hbABrBQ/TAAAACgAAAAoAAAAKAAAACg==";
    const FAILED: &str = "AAGFAgABAAAAAAAAB2V4YW1wbGUDY29tAAABAAE=";

    fn answer(captured: &str) -> Result<Option<IpAddr>, ResolveError> {
        first_address(&STANDARD.decode(captured).expect("base64"), "name")
    }

    #[test]
    fn captured_answers_are_read() {
        assert_eq!(answer(EXTRA_RECORD).expect("address"), Some(IpAddr::from([100, 64, 0, 1])));
        assert_eq!(answer(UNKNOWN).expect("no address"), None);
        assert!(matches!(answer(FAILED), Err(ResolveError::Failed { .. })));
    }

    #[test]
    fn what_is_not_dns_is_an_error() {
        assert!(matches!(first_address(b"<html>", "name"), Err(ResolveError::Malformed(_))));
    }

    #[tokio::test]
    async fn an_address_is_its_own_answer() {
        let nobody = LocalApi::new("/nonexistent".into());
        for (host, wanted) in [("100.64.0.1", "100.64.0.1"), ("[fd7a::1]", "fd7a::1")] {
            assert_eq!(resolve(&nobody, host).await.expect(host).to_string(), wanted);
        }
    }
}
