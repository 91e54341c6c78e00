//! What the parameters say, and the clients that are made of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use alexa::grant::GrantStore;
use alexa::heartbeat::HeartbeatStore;
use alexa::lwa::{ClientSecret, Lwa};
use aws::dynamodb::{Table, TableName};
use aws::{CallError, Client, Region, Service, ssm};
use function::settings::values::word;
use http_client::{Internet, Kept};
use secrecy::{ExposeSecret, SecretString};

use crate::bell::Bell;
use crate::settings::Settings;

/// How long they are good, since Pulumi may change them while the function runs.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// What is there when the parameters have been read.
#[derive(Debug)]
pub(crate) struct Parameters {
    pub(crate) bells: Vec<Bell>,
    pub(crate) grants: GrantStore,
    pub(crate) heartbeats: HeartbeatStore,
    pub(crate) lwa: Lwa,
}

/// Reads the parameters, and keeps them for a while.
#[derive(Debug)]
pub(crate) struct ParameterReader {
    settings: Settings,
    client: Client,
    internet: Internet,
    kept: Mutex<Option<(Arc<Parameters>, SystemTime)>>,
}

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ParametersError {
    /// SSM did not give them.
    #[error("the parameters could not be read from ssm")]
    Ssm(#[from] CallError),
    /// What one holds is not what it should.
    #[error("the parameter {name} has a wrong value, expected {expected}")]
    Wrong { name: String, expected: &'static str },
    /// TLS could not be set up.
    #[error("https cannot be used")]
    Tls(#[from] rustls::Error),
}

impl ParameterReader {
    pub(crate) fn new(settings: Settings) -> Result<Self, rustls::Error> {
        let client = Client::new(settings.aws.clone(), Kept::Not, SystemTime::now)?;
        let internet = Internet::new(settings.lwa_url.scheme_str(), Kept::Not)?;
        Ok(Self { settings, client, internet, kept: Mutex::default() })
    }

    /// The parameters as they are now, or were a minute ago; older ones only if there are no newer.
    pub(crate) async fn get(&self, now: SystemTime) -> Result<Arc<Parameters>, ParametersError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fresh = |read: SystemTime| now.duration_since(read).is_ok_and(|age| age < GOOD_FOR);
        if let Some((parameters, _)) = kept.as_ref().filter(|(_, read)| fresh(*read)) {
            return Ok(parameters.clone());
        }
        match (self.read().await, kept) {
            (Ok(parameters), _) => {
                let parameters = Arc::new(parameters);
                *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((parameters.clone(), now));
                Ok(parameters)
            }
            (Err(error), Some((parameters, _))) => {
                tracing::warn!("the parameters of before are used: {}", http_client::told(&error));
                Ok(parameters)
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn read(&self) -> Result<Parameters, ParametersError> {
        let names = &self.settings.parameters;
        let names = [&names.table, &names.table_region, &names.bells, &names.client_id, &names.client_secret]
            .map(String::as_str);
        let values = ssm::get_parameters(&self.client, &names).await?;
        let values: [SecretString; 5] = values.try_into().map_err(|_| CallError::Malformed(Service::Ssm))?;
        let [table, table_region, bells, client_id, client_secret] = &values;
        let names = &self.settings.parameters;
        let table = checked(&names.table, table, TableName::parse, "the name of a table")?;
        let region = checked(&names.table_region, table_region, Region::parse, "a region of AWS")?;
        let expected = "a JSON list of bells, each with its own id and a name";
        let bells = checked(&names.bells, bells, Bell::read_all, expected)?;
        let expected = "the client id of the skill's Permissions page";
        let client_id = checked(&names.client_id, client_id, word, expected)?;
        let expected = "the client secret of the skill's Permissions page";
        let secret = checked(&names.client_secret, client_secret, word, expected)?;
        let table = Table::new(self.client.in_region(region), table);
        let lwa_url = self.settings.lwa_url.clone();
        Ok(Parameters {
            bells,
            grants: GrantStore::new(table.clone()),
            heartbeats: HeartbeatStore::new(table),
            lwa: Lwa::new(self.internet.clone(), lwa_url, client_id, ClientSecret::new(secret)),
        })
    }
}

fn checked<T>(
    name: &str,
    value: &SecretString,
    parse: fn(&str) -> Option<T>,
    expected: &'static str,
) -> Result<T, ParametersError> {
    parse(value.expose_secret()).ok_or_else(|| ParametersError::Wrong { name: name.to_owned(), expected })
}
