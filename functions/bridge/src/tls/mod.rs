//! Which certificates are accepted, and which is shown.

mod client_certificate;
mod connector;
mod handshake;

use std::sync::Arc;

use certificates::{Expected, Fingerprint};
use http_client::{LeafOnly, system_authorities};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, InconsistentKeys, RootCertStore};

pub(crate) use client_certificate::{ClientChain, ClientKey};
pub(crate) use connector::TlsConnector;
pub(crate) use handshake::HandshakeError;

/// What a server must show.
#[derive(Clone, Debug)]
pub(crate) enum Trust {
    /// A certificate for its name, from an authority that the system trusts.
    System,
    /// A certificate for its name, from one of these authorities and no other.
    Authorities(Authorities),
    /// The certificate with this fingerprint, whatever its name, issuer and time.
    Pinned(Fingerprint),
    /// Any certificate at all.
    Anything,
    /// Nothing is needed, because https is not used; saves reading the system's authorities.
    Unused,
}

/// Certificate authorities of the user's own.
#[derive(Clone, Debug)]
pub struct Authorities(RootCertStore);

impl Authorities {
    /// Reads PEM of one or more certificates.
    pub(crate) fn parse(text: &str) -> Result<Self, Expected> {
        let mut authorities = RootCertStore::empty();
        for der in certificates::certificates(text)? {
            let added = authorities.add(CertificateDer::from(der));
            added.map_err(|_| "certificates of authorities; one of these is no certificate")?;
        }
        Ok(Self(authorities))
    }
}

/// The settings of TLS for this trust, with a certificate to show when asked for one.
pub(crate) fn config(
    trust: Trust,
    client: Option<(ClientChain, ClientKey)>,
) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let leaf_only = |pinned| LeafOnly::new(pinned, provider);
    let builder = match trust {
        Trust::System => builder.with_root_certificates(system_authorities()),
        Trust::Authorities(Authorities(authorities)) => builder.with_root_certificates(authorities),
        Trust::Unused => builder.with_root_certificates(RootCertStore::empty()),
        Trust::Pinned(pin) => builder.dangerous().with_custom_certificate_verifier(leaf_only(Some(pin))),
        Trust::Anything => builder.dangerous().with_custom_certificate_verifier(leaf_only(None)),
    };
    let Some((ClientChain(chain), key)) = client else { return Ok(builder.with_no_client_auth()) };
    let key = key.der().map_err(TlsError::ClientKey)?;
    builder.with_client_auth_cert(chain, key).map_err(TlsError::of_client)
}

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The library cannot be set up.
    #[error("https cannot be used")]
    Library(#[from] rustls::Error),
    /// The private key is not PEM of a key.
    #[error("the client key is not {0}")]
    ClientKey(Expected),
    /// The two do not belong together.
    #[error(
        "the client key does not belong to the client certificate; the first certificate must be the key's own"
    )]
    KeyMismatch,
    /// One of them is of a kind that cannot be used.
    #[error("the client certificate or its key cannot be used")]
    ClientCertificate(#[source] rustls::Error),
}

impl TlsError {
    fn of_client(error: rustls::Error) -> Self {
        if error == rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) {
            return Self::KeyMismatch;
        }
        Self::ClientCertificate(error)
    }
}
