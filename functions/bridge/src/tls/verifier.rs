//! Looks at a server's own certificate alone, not at who vouches for it.

use std::sync::Arc;

use certificates::Fingerprint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};

/// Accepts the pinned certificate, or any if none is pinned. The server must still prove that it has the key to it.
#[derive(Debug)]
pub(super) struct LeafOnly {
    pub(super) pinned: Option<Fingerprint>,
    pub(super) provider: Arc<CryptoProvider>,
}

/// The server shows another certificate than the pinned one.
#[derive(Debug, thiserror::Error)]
#[error("it is not the pinned one, its fingerprint is {found}; if it was renewed, pin that one")]
pub(super) struct NotPinned {
    found: Fingerprint,
}

impl ServerCertVerifier for LeafOnly {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let found = Fingerprint::of(leaf);
        if self.pinned.is_some_and(|pinned| !pinned.matches(&found)) {
            return Err(CertificateError::Other(OtherError(Arc::new(NotPinned { found }))).into());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
