//! The certificate of a bridge: self-signed, for a key on the curve P-256, with the bridge's id as its common name.

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use certificates::Fingerprint;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate and its key.
#[derive(Debug)]
pub struct Certificate {
    der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Certificate {
    /// A new one of the bridge of this id.
    ///
    /// # Panics
    /// When the machine cannot make one: it is for tests.
    #[must_use]
    pub fn new(id: &str) -> Self {
        let (certificate, key) = made(id);
        Self::read(certificate.as_bytes(), key.as_bytes())
    }

    /// The one that is kept in `folder`; a new one at the first time.
    ///
    /// # Errors
    /// When it cannot be kept.
    ///
    /// # Panics
    /// When what is kept there is none.
    pub fn kept(folder: &Path, id: &str) -> io::Result<Self> {
        let (certificate, key) = (folder.join("bridge.pem"), folder.join("bridge.key"));
        if !certificate.exists() {
            let (certificate_pem, key_pem) = made(id);
            fs::create_dir_all(folder)?;
            fs::write(&key, key_pem)?;
            fs::write(&certificate, certificate_pem)?;
        }
        Ok(Self::read(&fs::read(certificate)?, &fs::read(key)?))
    }

    fn read(certificate: &[u8], key: &[u8]) -> Self {
        let der = CertificateDer::from_pem_slice(certificate).expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(key).expect("a key");
        Self { der, key }
    }

    /// What whoever pins it goes by.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.der)
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
        let config = builder.with_single_cert(vec![self.der.clone()], self.key.clone_key());
        TlsAcceptor::from(Arc::new(config.expect("a certificate of this key")))
    }
}

/// PEM of a certificate and of its key.
fn made(id: &str) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CountryName, "NL");
    params.distinguished_name.push(DnType::OrganizationName, "Philips Hue");
    params.distinguished_name.push(DnType::CommonName, id);
    let certificate = params.self_signed(&key).expect("a certificate");
    (certificate.pem(), key.serialize_pem())
}
