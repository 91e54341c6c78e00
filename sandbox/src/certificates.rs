//! The sandbox's private certificate authority, and the certificate of its control server and relay.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::error::{Error, Result};
use crate::layout::{Layout, make_folder, write_private};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the certificates are valid.
const VALID: Duration = DAY.saturating_mul(800);
/// They are made anew when they are older than this.
const RENEW_AFTER: Duration = DAY.saturating_mul(400);

/// Files of the server's certificate.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The CA's certificate.
    pub ca: PathBuf,
    /// The server's certificate for 127.0.0.1 and localhost.
    pub server: PathBuf,
    /// The server's private key.
    pub server_key: PathBuf,
}

impl Certificates {
    /// Reads them, or makes them at the first time and when they have grown old.
    ///
    /// # Errors
    /// When they cannot be made or written.
    pub fn of(layout: &Layout) -> Result<Self> {
        let folder = layout.certificates();
        let files = Self {
            ca: layout.ca(),
            server: folder.join("server.pem"),
            server_key: folder.join("server.key"),
        };
        if !files.are_good() {
            make_folder(&folder)?;
            files.make().map_err(|error| Error::Answer(format!("cannot make certificates: {error}")))??;
        }
        Ok(files)
    }

    fn are_good(&self) -> bool {
        [&self.ca, &self.server_key, &self.server].iter().all(|file| {
            let age = fs::metadata(file)
                .and_then(|metadata| metadata.modified())
                .map(|made| SystemTime::now().duration_since(made).unwrap_or_default());
            age.is_ok_and(|age| age < RENEW_AFTER)
        })
    }

    /// The CA's own key is used for this one signature and never written.
    fn make(&self) -> std::result::Result<Result<()>, rcgen::Error> {
        let now = SystemTime::now();
        let mut ca = CertificateParams::default();
        (ca.not_before, ca.not_after) = ((now - DAY).into(), (now + VALID).into());
        ca.distinguished_name.push(DnType::CommonName, "porch sandbox CA");
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_key = KeyPair::generate()?;
        let ca_certificate = ca.self_signed(&ca_key)?;
        let issuer = Issuer::new(ca, ca_key);

        let mut server = CertificateParams::new(vec!["localhost".to_string(), "127.0.0.1".to_string()])?;
        (server.not_before, server.not_after) = ((now - DAY).into(), (now + VALID).into());
        server.distinguished_name.push(DnType::CommonName, "porch sandbox");
        // Said aloud, because rustls refuses a server certificate that might be a CA's.
        server.is_ca = IsCa::ExplicitNoCa;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let server_key = KeyPair::generate()?;
        let server_certificate = server.signed_by(&server_key, &issuer)?;
        Ok(write_private(&self.ca, ca_certificate.pem())
            .and_then(|()| write_private(&self.server_key, server_key.serialize_pem()))
            .and_then(|()| write_private(&self.server, server_certificate.pem())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_made_once_and_the_ca_s_key_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::of(folder.path());
        let files = Certificates::of(&layout).unwrap();
        let ca = fs::read_to_string(&files.ca).unwrap();
        assert!(ca.starts_with("-----BEGIN CERTIFICATE-----"));
        Certificates::of(&layout).unwrap();
        assert_eq!(fs::read_to_string(&files.ca).unwrap(), ca);
        assert_eq!(fs::read_dir(layout.certificates()).unwrap().count(), 3);
    }
}
