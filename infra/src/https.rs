//! The settings of https to Home Assistant, which exclude each other in part.

use crate::config::{BRIDGE, StackConfig};
use crate::group::Group;
use crate::settings::{Secret, TRUE_OR_FALSE, require};
use crate::values::{Address, Certificates, PinnedCertificate};
use crate::wrong::{Found, Wrong};

/// The fields of `porch:bridge` that say which certificate Home Assistant must show, and which it is shown.
#[derive(Debug)]
pub struct HttpsSettings {
    /// `noVerifySsl`: take any certificate that Home Assistant shows. Default false.
    pub no_verify_ssl: bool,
    /// `caCertificates`: trust only these authorities. Default those that everybody trusts.
    pub ca_certificates: Option<Certificates>,
    /// `pinnedCertificate`: take this one certificate and no other. Default none.
    pub pinned_certificate: Option<PinnedCertificate>,
    /// `clientCertificate`: show it to a Home Assistant that asks for one; its key is the secret
    /// `porch:clientKey`. Default none.
    pub client_certificate: Option<Certificates>,
}

const NO_VERIFY_SSL: &str = "noVerifySsl";
const CA_CERTIFICATES: &str = "caCertificates";
const PINNED_CERTIFICATE: &str = "pinnedCertificate";
const CLIENT_CERTIFICATE: &str = "clientCertificate";

impl HttpsSettings {
    /// Reads the fields, each for itself.
    pub(crate) fn read(group: &mut Group<'_>) -> Self {
        Self {
            no_verify_ssl: group.flag(NO_VERIFY_SSL, TRUE_OR_FALSE).unwrap_or(false),
            ca_certificates: group.text(CA_CERTIFICATES, "< ca.pem", Certificates::parse),
            pinned_certificate: group.text(PINNED_CERTIFICATE, "AB:CD:…", PinnedCertificate::parse),
            client_certificate: group.text(CLIENT_CERTIFICATE, "< client.pem", Certificates::parse),
        }
    }

    /// Notes what does not go together.
    pub(crate) fn check(&self, base_url: Option<&Address>, config: &StackConfig, wrong: &mut Vec<Wrong>) {
        let set = [
            (CA_CERTIFICATES, self.ca_certificates.is_some()),
            (PINNED_CERTIFICATE, self.pinned_certificate.is_some()),
            (CLIENT_CERTIFICATE, self.client_certificate.is_some()),
        ];
        let set: Vec<&str> = set.into_iter().filter_map(|(field, is_set)| is_set.then_some(field)).collect();
        if set.starts_with(&[CA_CERTIFICATES, PINNED_CERTIFICATE]) {
            let expected = "no authorities beside porch:bridge.pinnedCertificate, which asks for none";
            wrong.push(dropped(CA_CERTIFICATES, "a value", expected));
        }
        if self.no_verify_ssl && set.iter().any(|field| *field != CLIENT_CERTIFICATE) {
            let expected = "false, or neither porch:bridge.caCertificates nor porch:bridge.pinnedCertificate";
            wrong.push(dropped(NO_VERIFY_SSL, "`true`", expected));
        }
        if base_url.is_some_and(|url| !url.is_https()) {
            let expected = "an https:// address in porch:bridge.baseUrl, or no certificates";
            wrong.extend(set.iter().map(|field| dropped(field, "a value", expected)));
        }
        if self.client_certificate.is_some() {
            require(Secret::ClientKey, config, wrong);
        } else if Secret::ClientKey.entry(config).is_some() {
            wrong.push(Wrong {
                name: format!("{BRIDGE}.{CLIENT_CERTIFICATE}"),
                found: Found::NotSet,
                expected: "the certificate that the secret porch:clientKey belongs to".to_owned(),
                way_out: format!(
                    "pulumi config set --path {BRIDGE}.{CLIENT_CERTIFICATE} < client.pem\n\
                     or pulumi config rm porch:clientKey"
                ),
            });
        }
    }
}

/// That `field` does not go together with another; the way out is to drop it.
fn dropped(field: &str, found: &'static str, expected: &str) -> Wrong {
    let name = format!("{BRIDGE}.{field}");
    let way_out = format!("pulumi config rm --path {name}");
    Wrong { name, found: Found::Described(found), expected: expected.to_owned(), way_out }
}
