//! What the function that renews the key is told.

use std::ffi::OsString;

use aws::{Access, Service};
use function::settings::values::{parameter_name, plain_url};
use function::settings::{Expected, PARAMETER, Reader, URL, WrongSettings, read_aws};
use url::Url;

use super::values;

/// The variables that whoever deploys the function sets.
///
/// Those that Lambda sets itself are not among them, nor those for trials (`TAILSCALE_API_URL`, `AWS_ENDPOINT_URL`,
/// `AWS_ENDPOINT_URL_SSM`, `AWS_ENDPOINT_URL_STS`, `SSL_CERT_FILE`).
pub const KEY_RENEWAL_VARIABLES: &[&str] = &[
    "SERVE",
    "TAILSCALE_AUTHKEY_PARAMETER",
    "TAILSCALE_AUTHKEY_RECORD_PARAMETER",
    "TAILSCALE_OAUTH_CLIENT_ID",
    "TAILSCALE_OAUTH_SECRET_PARAMETER",
    "TAILSCALE_TAGS",
];

const CLIENT_ID: Expected =
    Expected::hidden("the id of an OAuth client or a federated identity, not its secret");
const TAGS: Expected = Expected::shown("tags with commas between, like tag:porch,tag:home");

/// The settings of the function that renews the key.
#[derive(Clone, Debug)]
pub struct KeyRenewalSettings {
    /// `TAILSCALE_AUTHKEY_PARAMETER`: where the bridge reads the key.
    pub key_parameter: String,
    /// `TAILSCALE_AUTHKEY_RECORD_PARAMETER`: where it is written down when the key ends.
    pub record_parameter: String,
    /// `TAILSCALE_OAUTH_CLIENT_ID`.
    pub client_id: String,
    /// `TAILSCALE_OAUTH_SECRET_PARAMETER`: where the client's secret is. Default: there is none, and AWS says who the
    /// function is.
    pub secret_parameter: Option<String>,
    /// `TAILSCALE_TAGS`: what the bridge's nodes are tagged with.
    pub tags: Vec<String>,
    /// `TAILSCALE_API_URL`. Default: `https://api.tailscale.com`.
    pub api_url: Url,
    /// How AWS is called.
    pub aws: Access,
}

impl KeyRenewalSettings {
    /// Whether these are the settings to read, because `SERVE` is `key-renewal`; any other value is looked at by
    /// [`super::Settings::read`].
    pub fn are_wanted(lookup: impl Fn(&str) -> Option<OsString>) -> bool {
        lookup("SERVE").is_some_and(|serve| serve == "key-renewal")
    }

    /// Reads the settings through `lookup`, as [`super::Settings::read`] does.
    ///
    /// # Errors
    /// When any is wrong; all that are wrong are reported at once.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, WrongSettings> {
        let mut reader = Reader::new("bridge", &lookup);
        let parse = parameter_name;
        let key_parameter = reader.required("TAILSCALE_AUTHKEY_PARAMETER", &PARAMETER, parse);
        let record_parameter = reader.required("TAILSCALE_AUTHKEY_RECORD_PARAMETER", &PARAMETER, parse);
        let client_id = reader.required("TAILSCALE_OAUTH_CLIENT_ID", &CLIENT_ID, values::client_id);
        let secret_parameter = reader.optional("TAILSCALE_OAUTH_SECRET_PARAMETER", &PARAMETER, parse);
        let tags = reader.required("TAILSCALE_TAGS", &TAGS, values::tags);
        let api_url = if reader.is_set("TAILSCALE_API_URL") {
            reader.required("TAILSCALE_API_URL", &URL, plain_url)
        } else {
            plain_url("https://api.tailscale.com")
        };
        let aws = read_aws(&mut reader, &[Service::Ssm, Service::Sts]);
        let wrong = reader.wrong();
        match (key_parameter, record_parameter, client_id, tags, api_url, aws) {
            (
                Some(key_parameter),
                Some(record_parameter),
                Some(client_id),
                Some(tags),
                Some(api_url),
                Some(aws),
            ) if wrong.is_empty() => {
                Ok(Self { key_parameter, record_parameter, client_id, secret_parameter, tags, api_url, aws })
            }
            _ => Err(wrong),
        }
    }
}
