//! The settings of https, which exclude each other in part.

use certificates::{Expected, Fingerprint};
use function::settings::values::{boolean, parameter_name};
use function::settings::{BOOLEAN, Found, PARAMETER, Reader};

use super::{BaseUrl, ClientCertificate, Source};
use crate::tls::{Authorities, ClientChain, ClientKey};

/// What Home Assistant must show, and what it is shown.
pub(super) struct Https {
    pub(super) no_verify_ssl: bool,
    pub(super) authorities: Option<Source<Authorities>>,
    pub(super) pinned_certificate: Option<Fingerprint>,
    pub(super) client_certificate: Option<ClientCertificate>,
}

impl Https {
    /// Whether any of it is in a parameter of SSM.
    pub(super) fn has_parameters(&self) -> bool {
        let client = self.client_certificate.as_ref();
        self.authorities.as_ref().is_some_and(|source| source.parameter().is_some())
            || client.is_some_and(|client| client.chain.parameter().or(client.key.parameter()).is_some())
    }
}

const AUTHORITIES: [&str; 2] = ["CA_CERTIFICATES", "CA_CERTIFICATES_PARAMETER"];
const CHAIN: [&str; 2] = ["CLIENT_CERTIFICATE", "CLIENT_CERTIFICATE_PARAMETER"];
const KEY: [&str; 2] = ["CLIENT_KEY", "CLIENT_KEY_PARAMETER"];
const PIN: &str = "PINNED_CERTIFICATE";
const NO_VERIFY_SSL: &str = "NO_VERIFY_SSL";

/// Reads them; what goes with `base_url` only if it is https is refused with http.
pub(super) fn read(reader: &mut Reader<'_>, base_url: Option<&BaseUrl>) -> Https {
    let no_verify_ssl = reader.optional(NO_VERIFY_SSL, &BOOLEAN, boolean).unwrap_or(false);
    let authorities = read_pem(reader, AUTHORITIES, Authorities::parse);
    let pinned_certificate = reader.checked(PIN, Fingerprint::parse);
    let chain = read_pem(reader, CHAIN, ClientChain::parse);
    let key = read_pem(reader, KEY, ClientKey::parse);

    let found =
        |reader: &Reader<'_>, names: [&'static str; 2]| names.into_iter().find(|name| reader.is_set(name));
    let (authorities_set, chain_set, key_set) =
        (found(reader, AUTHORITIES), found(reader, CHAIN), found(reader, KEY));
    let pin_set = Some(PIN).filter(|name| reader.is_set(name));
    if chain_set.is_some() && key_set.is_none() {
        reader.missing(
            KEY[0],
            "the key of CLIENT_CERTIFICATE, or CLIENT_KEY_PARAMETER naming where it is kept",
        );
    }
    if key_set.is_some() && chain_set.is_none() {
        reader.missing(CHAIN[0], "the certificate of CLIENT_KEY, or neither of them");
    }
    if let (Some(pin), Some(authorities)) = (pin_set, authorities_set) {
        reader.report(
            pin,
            Found::AlsoSet(authorities),
            "one of the two; drop the authorities, which a pin makes idle",
        );
    }
    for name in [authorities_set, pin_set].into_iter().flatten().filter(|_| no_verify_ssl) {
        reader.report(
            name,
            Found::AlsoSet(NO_VERIFY_SSL),
            "one of the two; drop NO_VERIFY_SSL, which takes any certificate",
        );
    }
    if base_url.is_some_and(|url| !url.is_https()) {
        for name in [authorities_set, pin_set, chain_set, key_set].into_iter().flatten() {
            reader.report(
                name,
                Found::Beside("BASE_URL is http://"),
                "an https:// BASE_URL, or no certificates",
            );
        }
    }
    let client_certificate = chain.zip(key).map(|(chain, key)| ClientCertificate { chain, key });
    Https { no_verify_ssl, authorities, pinned_certificate, client_certificate }
}

/// Reads PEM that is either given itself or by the name of a parameter, not both.
fn read_pem<T>(
    reader: &mut Reader<'_>,
    [given, parameter]: [&'static str; 2],
    parse: fn(&str) -> Result<T, Expected>,
) -> Option<Source<T>> {
    if reader.is_set(given) && reader.is_set(parameter) {
        reader.report(parameter, Found::AlsoSet(given), "only one of the two");
    }
    let value = reader.checked(given, parse).map(Source::Given);
    let name = reader.optional(parameter, &PARAMETER, parameter_name).map(Source::Parameter);
    value.or(name)
}
