//! What the function is told through its environment: read once, checked as a whole.

use std::ffi::OsString;

use alexa::lwa::Lwa;
use aws::{Access, Service};
use function::settings::values::{boolean, endpoint, parameter_name};
use function::settings::{BOOLEAN, PARAMETER, Reader, URL, WrongSettings, read_aws};
use http::Uri;

/// The variables that whoever deploys the function sets.
///
/// Those that Lambda sets itself (`AWS_REGION` and the credentials) are not among them, nor those for trials
/// (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_SSM`, `AWS_ENDPOINT_URL_DYNAMODB`, `LWA_URL`, `SSL_CERT_FILE`).
pub const VARIABLES: &[&str] = &[
    "TABLE_PARAMETER",
    "TABLE_REGION_PARAMETER",
    "BELLS_PARAMETER",
    "LWA_CLIENT_ID_PARAMETER",
    "LWA_CLIENT_SECRET_PARAMETER",
    "DEBUG",
];

/// The function's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the rest is kept, which the daemon reads as well.
    pub parameters: ParameterNames,
    /// `DEBUG`: log what is done step by step. Default: false.
    pub debug: bool,
    /// `LWA_URL`: Login with Amazon. Default: Amazon's own.
    pub lwa_url: Uri,
    /// How AWS is called.
    pub aws: Access,
}

/// Names of SSM parameters.
#[derive(Clone, Debug)]
pub struct ParameterNames {
    /// `TABLE_PARAMETER`: of the table's name.
    pub table: String,
    /// `TABLE_REGION_PARAMETER`: of the region of AWS that the table is in.
    pub table_region: String,
    /// `BELLS_PARAMETER`: of the list of bells.
    pub bells: String,
    /// `LWA_CLIENT_ID_PARAMETER`: of the id of the skill's client at Login with Amazon.
    pub client_id: String,
    /// `LWA_CLIENT_SECRET_PARAMETER`: of its secret.
    pub client_secret: String,
}

impl Settings {
    /// Reads the settings through `lookup`, which is the environment in `main` and a map in tests.
    ///
    /// # Errors
    /// When any is wrong; all that are wrong are reported at once.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, WrongSettings> {
        let mut reader = Reader::new("doorbell", &lookup);
        let parameters = read_names(&mut reader);
        let debug = reader.optional("DEBUG", &BOOLEAN, boolean);
        let lwa_url = reader.optional("LWA_URL", &URL, endpoint);
        let aws = read_aws(&mut reader, &[Service::Ssm, Service::DynamoDb]);
        let wrong = reader.wrong();
        match (parameters, aws) {
            (Some(parameters), Some(aws)) if wrong.is_empty() => Ok(Self {
                parameters,
                debug: debug.unwrap_or(false),
                lwa_url: lwa_url.unwrap_or_else(|| Uri::from_static(Lwa::URL)),
                aws,
            }),
            (_, _) => Err(wrong),
        }
    }
}

fn read_names(reader: &mut Reader<'_>) -> Option<ParameterNames> {
    let mut name = |variable| reader.required(variable, &PARAMETER, parameter_name);
    let (table, table_region) = (name("TABLE_PARAMETER"), name("TABLE_REGION_PARAMETER"));
    let bells = name("BELLS_PARAMETER");
    let (client_id, client_secret) = (name("LWA_CLIENT_ID_PARAMETER"), name("LWA_CLIENT_SECRET_PARAMETER"));
    Some(ParameterNames {
        table: table?,
        table_region: table_region?,
        bells: bells?,
        client_id: client_id?,
        client_secret: client_secret?,
    })
}
