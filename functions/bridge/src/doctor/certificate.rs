//! What a person wants to know of a certificate.

use std::time::{Duration, SystemTime};

use certificates::Fingerprint;
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

/// How long before its end a certificate is warned of.
const SOON: Duration = Duration::from_secs(14 * DAY);

const DAY: u64 = 86_400;

/// A certificate that Home Assistant showed.
pub(super) struct Shown {
    /// What pins it.
    pub(super) fingerprint: Fingerprint,
    /// Whose, from whom, until when; nothing where it cannot be read, which TLS itself does not need to.
    told: String,
    /// How long it still is good.
    left: Option<Duration>,
}

impl Shown {
    /// Reads `der`, seen at `now`.
    pub(super) fn read(der: &CertificateDer<'_>, now: SystemTime) -> Self {
        let fingerprint = Fingerprint::of(der);
        let Ok((_, certificate)) = X509Certificate::from_der(der) else {
            return Self { fingerprint, told: String::new(), left: None };
        };
        let end = certificate.validity().not_after;
        let end_unix = u64::try_from(end.timestamp()).unwrap_or_default();
        let left =
            (SystemTime::UNIX_EPOCH + Duration::from_secs(end_unix)).duration_since(now).unwrap_or_default();
        let told = format!(
            "{} from {}, good until {} ({} days), ",
            certificate.subject(),
            certificate.issuer(),
            end.to_datetime().date(),
            left.as_secs() / DAY,
        );
        Self { fingerprint, told, left: Some(left) }
    }

    /// The days that are left, if they are few.
    pub(super) fn ends_soon(&self) -> Option<u64> {
        self.left.filter(|left| *left < SOON).map(|left| left.as_secs() / DAY)
    }
}

/// `CN=home from CN=house, good until 2027-03-01 (96 days), SHA-256 AB:CD:…`
impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}SHA-256 {}", self.told, self.fingerprint)
    }
}
