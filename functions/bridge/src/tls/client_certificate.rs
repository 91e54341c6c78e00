//! The certificate that the bridge shows to a Home Assistant which asks for one.

use certificates::{Expected, sections};
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};
use secrecy::{ExposeSecret, SecretString};

/// A client certificate, followed by those that lead to its authority.
#[derive(Clone, Debug)]
pub struct ClientChain(pub(super) Vec<CertificateDer<'static>>);

impl ClientChain {
    /// Reads PEM of one or more certificates.
    pub(crate) fn parse(text: &str) -> Result<Self, Expected> {
        Ok(Self(certificates::certificates(text)?.into_iter().map(CertificateDer::from).collect()))
    }
}

/// The private key of a client certificate, as PEM.
#[derive(Clone, Debug)]
pub struct ClientKey(SecretString);

impl ClientKey {
    /// Takes PEM of one private key that needs no password.
    pub(crate) fn parse(text: &str) -> Result<Self, Expected> {
        let key = Self(text.into());
        key.der()?;
        Ok(key)
    }

    /// The key as TLS takes it.
    pub(super) fn der(&self) -> Result<PrivateKeyDer<'static>, Expected> {
        let mut found = sections(self.0.expose_secret())?;
        let (Some(section), true) = (found.pop(), found.is_empty()) else {
            return Err("PEM of one private key and nothing else");
        };
        match section.label {
            "PRIVATE KEY" => Ok(PrivatePkcs8KeyDer::from(section.der).into()),
            "RSA PRIVATE KEY" => Ok(PrivatePkcs1KeyDer::from(section.der).into()),
            "EC PRIVATE KEY" => Ok(PrivateSec1KeyDer::from(section.der).into()),
            "ENCRYPTED PRIVATE KEY" => Err("a key without a password; `openssl pkey -in KEY` takes it off"),
            _ => Err("PEM of a private key, from BEGIN PRIVATE KEY to END PRIVATE KEY"),
        }
    }
}
