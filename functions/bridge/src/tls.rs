//! Which certificates are accepted.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// What a server must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// A certificate for its name, from an authority that the system trusts.
    System,
    /// Any certificate at all.
    Anything,
    /// Nothing is needed, because https is not used; saves reading the system's authorities.
    Unused,
}

/// The settings of TLS for this trust.
pub(crate) fn config(trust: Trust) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let builder = match trust {
        Trust::System => builder.with_root_certificates(system_authorities()),
        Trust::Unused => builder.with_root_certificates(RootCertStore::empty()),
        Trust::Anything => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAny(provider)))
        }
    };
    Ok(builder.with_no_client_auth())
}

/// The authorities of the file or folder that SSL_CERT_FILE or SSL_CERT_DIR name, else of the system.
fn system_authorities() -> RootCertStore {
    let mut authorities = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (_, ignored) = authorities.add_parsable_certificates(found.certs);
    if authorities.is_empty() {
        let errors: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        tracing::warn!(
            ignored,
            errors = errors.join("; "),
            "no certificate authority was found, https will fail"
        );
    }
    authorities
}

/// Accepts any certificate, though the server must still prove that it has the key to it.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
