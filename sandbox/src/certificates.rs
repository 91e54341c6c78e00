//! Private certificate authorities: the sandbox's own, with the certificate of its control server and relay.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
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
        let authority = Authority::new("porch sandbox CA")?;
        let server = authority.sign_server("porch sandbox", &["localhost", "127.0.0.1"])?;
        Ok(write_private(&self.ca, &authority.pem)
            .and_then(|()| write_private(&self.server_key, server.key.serialize_pem()))
            .and_then(|()| write_private(&self.server, server.certificate.pem())))
    }
}

/// A certificate authority that lives in memory.
#[derive(Debug)]
pub struct Authority {
    /// Its certificate.
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate that an authority signed, and its private key.
#[derive(Debug)]
pub struct Signed {
    /// The certificate.
    pub certificate: Certificate,
    /// Its private key.
    pub key: KeyPair,
}

impl Authority {
    /// A new authority called `name`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(name: &str) -> std::result::Result<Self, rcgen::Error> {
        let mut params = params(name, &[])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { pem, issuer: Issuer::new(params, key) })
    }

    /// Signs a certificate with which a server is any of `hosts`: names or addresses.
    ///
    /// # Errors
    /// When a host is neither.
    pub fn sign_server(&self, name: &str, hosts: &[&str]) -> std::result::Result<Signed, rcgen::Error> {
        self.sign(params(name, hosts)?, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// Signs a certificate with which a client is `name`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn sign_client(&self, name: &str) -> std::result::Result<Signed, rcgen::Error> {
        self.sign(params(name, &[])?, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn sign(
        &self,
        mut params: CertificateParams,
        purpose: ExtendedKeyUsagePurpose,
    ) -> std::result::Result<Signed, rcgen::Error> {
        // Said aloud, because rustls refuses a server certificate that might be a CA's.
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Signed { certificate, key })
    }
}

/// What all certificates have in common.
fn params(name: &str, hosts: &[&str]) -> std::result::Result<CertificateParams, rcgen::Error> {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(hosts)?;
    let now = SystemTime::now();
    (params.not_before, params.not_after) = ((now - DAY).into(), (now + VALID).into());
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
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
