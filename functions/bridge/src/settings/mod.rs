//! What the function is told through its environment: read once, checked as a whole.

mod https;
mod key_renewal;
mod values;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use alexa::BearerToken;
use aws::{Access, Service};
use certificates::Fingerprint;
pub use function::settings::WrongSettings;
use function::settings::values::{boolean, parameter_name, plain_url};
use function::settings::{BOOLEAN, Expected, Found, PARAMETER, Reader, URL, read_aws};
use http::Uri;
use tailnet::AuthKey;
use url::Url;

pub use key_renewal::{KEY_RENEWAL_VARIABLES, KeyRenewalSettings};

use crate::tls::{Authorities, ClientChain, ClientKey, Trust};

/// The variables that whoever deploys the function sets; of those that exclude each other, one.
///
/// Those that Lambda sets itself (`AWS_REGION` and the credentials) are not among them, nor those for trials
/// (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_SSM`, `SSL_CERT_FILE`, `TAILSCALED_PATH`).
pub const VARIABLES: &[&str] = &[
    "SERVE",
    "BASE_URL",
    "PHONE_URL",
    "TAILSCALE_AUTHKEY",
    "TAILSCALE_AUTHKEY_PARAMETER",
    "LONG_LIVED_ACCESS_TOKEN",
    "LONG_LIVED_ACCESS_TOKEN_PARAMETER",
    "TAILSCALE_CONTROL_URL",
    "TAILSCALE_HOSTNAME",
    "NO_VERIFY_SSL",
    "CA_CERTIFICATES",
    "CA_CERTIFICATES_PARAMETER",
    "PINNED_CERTIFICATE",
    "CLIENT_CERTIFICATE",
    "CLIENT_CERTIFICATE_PARAMETER",
    "CLIENT_KEY",
    "CLIENT_KEY_PARAMETER",
    "DEBUG",
];

/// The function's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SERVE`: what the function is for. Default: `directives`.
    pub serve: Serve,
    /// `BASE_URL`: Home Assistant, as a node of the tailnet sees it.
    pub base_url: BaseUrl,
    /// `PHONE_URL`: Home Assistant, as the phone of the user sees it who links the skill; only where linking is
    /// served. Default: `BASE_URL`.
    pub phone_url: Option<BaseUrl>,
    /// `TAILSCALE_AUTHKEY` or `TAILSCALE_AUTHKEY_PARAMETER`.
    pub auth_key: Source<AuthKey>,
    /// `LONG_LIVED_ACCESS_TOKEN` or `LONG_LIVED_ACCESS_TOKEN_PARAMETER`: used instead of the directive's own token.
    /// Default: none.
    pub long_lived_token: Option<Source<BearerToken>>,
    /// `TAILSCALE_CONTROL_URL`. Default: Tailscale's own.
    pub control_url: Option<Url>,
    /// `TAILSCALE_HOSTNAME`: name of the function's node. Default: `porch-bridge`.
    pub hostname: String,
    /// `NO_VERIFY_SSL`: accept any certificate of Home Assistant. Default: false.
    pub no_verify_ssl: bool,
    /// `CA_CERTIFICATES` or `CA_CERTIFICATES_PARAMETER`, PEM: trust only these authorities for Home Assistant.
    /// Default: those of the system.
    pub authorities: Option<Source<Authorities>>,
    /// `PINNED_CERTIFICATE`: the one certificate to accept of Home Assistant, by its SHA-256. Default: none.
    pub pinned_certificate: Option<Fingerprint>,
    /// `CLIENT_CERTIFICATE` and `CLIENT_KEY`, or their `_PARAMETER`: shown to a Home Assistant that asks. Default: none.
    pub client_certificate: Option<ClientCertificate>,
    /// `DEBUG`: log what tailscaled logs, too. Default: false.
    pub debug: bool,
    /// How parameters are read; there if a setting names one.
    pub aws: Option<Access>,
    /// `TAILSCALED_PATH`: the program. Default: `/usr/bin/tailscaled`.
    pub tailscaled: PathBuf,
    /// `SSL_CERT_FILE`: certificate authorities instead of the system's; TLS libraries read the variable themselves,
    /// tailscaled is handed it. Default: none.
    pub ca_certificates: Option<PathBuf>,
}

/// What the function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serve {
    /// `directives`: Alexa's directives go to Home Assistant.
    Directives,
    /// `linking`: what linking the skill needs, and nothing else, goes to Home Assistant.
    Linking,
}

/// A certificate of the function's own, as PEM.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// `CLIENT_CERTIFICATE`: it, and those that lead to its authority.
    pub chain: Source<ClientChain>,
    /// `CLIENT_KEY`: its private key, without a password.
    pub key: Source<ClientKey>,
}

/// Where a secret is.
#[derive(Clone, Debug)]
pub enum Source<T> {
    /// It is the setting itself.
    Given(T),
    /// In the SSM parameter of this name.
    Parameter(String),
}

/// The URL of Home Assistant.
#[derive(Clone, Debug)]
pub struct BaseUrl {
    /// Its Alexa endpoint.
    pub(crate) smart_home: Uri,
    /// Its page for linking.
    pub(crate) authorize: Uri,
    /// Its token endpoint.
    pub(crate) token: Uri,
    /// Its frontend's manifest, which it tells everybody.
    pub(crate) manifest: Uri,
    /// Its configuration.
    pub(crate) config: Uri,
}

impl BaseUrl {
    pub(crate) fn is_https(&self) -> bool {
        self.smart_home.scheme_str() == Some("https")
    }

    /// The name or address; IPv6 addresses without their brackets.
    pub(crate) fn host(&self) -> &str {
        self.smart_home.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }
}

/// As it was given, without a slash at its end.
impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.smart_home.to_string();
        f.write_str(told.strip_suffix(values::SMART_HOME).unwrap_or(&told))
    }
}

impl Settings {
    /// Reads the settings through `lookup`, which is the environment in `main` and a map in tests.
    ///
    /// # Errors
    /// When any is wrong; all that are wrong are reported at once.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, WrongSettings> {
        let mut reader = Reader::new("bridge", &lookup);
        let serve = read_serve(&mut reader);
        let base_url = reader.required("BASE_URL", &BASE_URL, values::base_url);
        let phone_url = read_phone_url(&mut reader, serve);
        let auth_key = read_auth_key(&mut reader);
        let long_lived_token = read_long_lived_token(&mut reader, serve);
        let control_url = reader.optional("TAILSCALE_CONTROL_URL", &URL, plain_url);
        let hostname = reader.optional("TAILSCALE_HOSTNAME", &HOSTNAME, values::dns_label);
        let https = https::read(&mut reader, base_url.as_ref());
        let debug = reader.optional("DEBUG", &BOOLEAN, boolean);
        let parameters = matches!(auth_key, Some(Source::Parameter(_)))
            || matches!(long_lived_token, Some(Source::Parameter(_)))
            || https.has_parameters();
        let aws = if parameters { read_aws(&mut reader, &[Service::Ssm]) } else { None };
        let tailscaled = reader.optional("TAILSCALED_PATH", &PATH, values::path);
        let ca_certificates = reader.optional("SSL_CERT_FILE", &PATH, values::path);

        let wrong = reader.wrong();
        match (serve, base_url, auth_key) {
            (Some(serve), Some(base_url), Some(auth_key)) if wrong.is_empty() => Ok(Self {
                serve,
                base_url,
                phone_url,
                auth_key,
                long_lived_token,
                control_url,
                hostname: hostname.unwrap_or_else(|| "porch-bridge".into()),
                no_verify_ssl: https.no_verify_ssl,
                authorities: https.authorities,
                pinned_certificate: https.pinned_certificate,
                client_certificate: https.client_certificate,
                debug: debug.unwrap_or(false),
                aws,
                tailscaled: tailscaled.unwrap_or_else(|| "/usr/bin/tailscaled".into()),
                ca_certificates,
            }),
            (_, _, _) => Err(wrong),
        }
    }

    /// What Home Assistant must show, given the `authorities` that these settings have or point to.
    pub(crate) fn trust(&self, authorities: Option<Authorities>) -> Trust {
        if !self.base_url.is_https() {
            Trust::Unused
        } else if self.no_verify_ssl {
            Trust::Anything
        } else if let Some(pin) = self.pinned_certificate {
            Trust::Pinned(pin)
        } else {
            authorities.map_or(Trust::System, Trust::Authorities)
        }
    }
}

const PATH: Expected = Expected::shown("a path");
const SERVE: Expected = Expected::shown("directives, linking or key-renewal");
const BASE_URL: Expected =
    Expected::shown("an http(s) URL without user, query or fragment, like https://ha.example.ts.net:8123");
const HOSTNAME: Expected = Expected::shown("at most 63 lower-case letters, digits and inner hyphens");
const AUTH_KEY: Expected =
    Expected::hidden("an auth key (tskey-auth-..., hskey-auth-...), not an API token or OAuth secret");
const TOKEN: Expected = Expected::hidden("a token of Home Assistant, without blanks");

fn read_auth_key(reader: &mut Reader<'_>) -> Option<Source<AuthKey>> {
    let source =
        read_source(reader, "TAILSCALE_AUTHKEY", "TAILSCALE_AUTHKEY_PARAMETER", &AUTH_KEY, values::auth_key);
    if source.is_none() {
        reader.missing("TAILSCALE_AUTHKEY", "a key, or TAILSCALE_AUTHKEY_PARAMETER naming where it is kept");
    }
    source
}

/// `None` when it is wrong, so that nothing is said about what may be right beside the value that was meant.
fn read_serve(reader: &mut Reader<'_>) -> Option<Serve> {
    let serve = reader.optional("SERVE", &SERVE, values::serve);
    if reader.is_set("SERVE") { serve } else { Some(Serve::Directives) }
}

fn read_phone_url(reader: &mut Reader<'_>, serve: Option<Serve>) -> Option<BaseUrl> {
    if serve == Some(Serve::Directives) && reader.is_set("PHONE_URL") {
        reader.report("PHONE_URL", Found::OutOfPlace, "nothing, unless SERVE is linking");
    }
    reader.optional("PHONE_URL", &BASE_URL, values::base_url)
}

/// A function that serves linking has no use for the token, and a public one must not hold what it does not use.
fn read_long_lived_token(reader: &mut Reader<'_>, serve: Option<Serve>) -> Option<Source<BearerToken>> {
    let names = ("LONG_LIVED_ACCESS_TOKEN", "LONG_LIVED_ACCESS_TOKEN_PARAMETER");
    for name in [names.0, names.1] {
        if serve == Some(Serve::Linking) && reader.is_set(name) {
            reader.report(name, Found::OutOfPlace, "nothing, unless SERVE is directives");
        }
    }
    read_source(reader, names.0, names.1, &TOKEN, values::token)
}

/// Reads a secret that is either given itself or by the name of a parameter, not both.
fn read_source<T>(
    reader: &mut Reader<'_>,
    given: &'static str,
    parameter: &'static str,
    expected: &Expected,
    parse: fn(&str) -> Option<T>,
) -> Option<Source<T>> {
    if reader.is_set(given) && reader.is_set(parameter) {
        reader.report(parameter, Found::AlsoSet(given), "only one of the two");
    }
    let value = reader.optional(given, expected, parse).map(Source::Given);
    let name = reader.optional(parameter, &PARAMETER, parameter_name).map(Source::Parameter);
    value.or(name)
}
