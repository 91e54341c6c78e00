//! A server that is known by its own certificate, not by who vouches for it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use certificates::Fingerprint;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme};

use crate::exchange::Client;
use crate::internet::{Kept, NoAnswer, connected, exchange_within};
use crate::told::rustls_error;

/// A client of the one server that has the pinned certificate. Its clones share their connections.
#[derive(Clone, Debug)]
pub struct Pinned {
    client: Client<HttpsConnector<HttpConnector>>,
}

impl Pinned {
    /// A client of the server whose certificate has this fingerprint, whatever its name, issuer and time.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(pin: Fingerprint, kept: Kept) -> Result<Self, rustls::Error> {
        Ok(Self { client: connected(LeafOnly::config(Some(pin))?, kept) })
    }

    /// Sends `request` and reads the whole answer, if it has at most `limit` bytes, within `time`.
    ///
    /// # Errors
    /// See [`NoAnswer`]; [`NotPinned::among`] finds out whether it is the certificate.
    pub async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        limit: usize,
        time: Duration,
    ) -> Result<(StatusCode, Bytes), NoAnswer> {
        exchange_within(&self.client, request, limit, time).await
    }
}

/// Accepts the pinned certificate, or any if none is pinned. The server must still prove that it has the key to it.
#[derive(Debug)]
pub struct LeafOnly {
    pinned: Option<Fingerprint>,
    provider: Arc<CryptoProvider>,
}

impl LeafOnly {
    /// A verifier for whoever sets TLS up by its own.
    #[must_use]
    pub fn new(pinned: Option<Fingerprint>, provider: Arc<CryptoProvider>) -> Arc<Self> {
        Arc::new(Self { pinned, provider })
    }

    /// The settings of TLS with such a verifier, and no certificate to show.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn config(pinned: Option<Fingerprint>) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions()?.dangerous();
        let verifier = Self::new(pinned, provider);
        Ok(builder.with_custom_certificate_verifier(verifier).with_no_client_auth())
    }
}

/// The server shows another certificate than the pinned one.
#[derive(Debug, thiserror::Error)]
#[error("it is not the pinned one, its fingerprint is {found}; if it was renewed, pin that one")]
pub struct NotPinned {
    /// The fingerprint of what it shows.
    pub found: Fingerprint,
}

impl NotPinned {
    /// This one, if it is among the causes of `error`.
    #[must_use]
    pub fn among<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let Some(rustls::Error::InvalidCertificate(CertificateError::Other(other))) = rustls_error(error)
        else {
            return None;
        };
        other.0.downcast_ref()
    }
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
