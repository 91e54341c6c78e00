//! The secrets, and the certificates, that the settings give or point to.

use std::collections::HashMap;
use std::time::SystemTime;

use alexa::BearerToken;
use aws::ssm::ReadParameter;
use aws::{CallError, Client, ssm};
use certificates::Expected;
use http_client::Kept;
use secrecy::ExposeSecret;
use tailnet::AuthKey;

use crate::settings::{Settings, Source};
use crate::tls::{self, Authorities, ClientChain, ClientKey, TlsError};

/// What the function needs to get to Home Assistant.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    pub(crate) auth_key: AuthKey,
    /// Since when there is this auth key, as far as that says something about its end: a control server of one's own may
    /// let keys live for as long as it likes.
    pub(crate) key_written: Option<SystemTime>,
    pub(crate) long_lived_token: Option<BearerToken>,
    pub(crate) tls: rustls::ClientConfig,
}

/// Gathers the secrets, with one call to SSM if any of them is there.
pub(crate) async fn gather(settings: &Settings) -> Result<Secrets, SecretsError> {
    let names = settings.parameters();
    let values = match &settings.aws {
        Some(aws) if !names.is_empty() => {
            let client = Client::new(aws.clone(), Kept::Not, SystemTime::now).map_err(TlsError::from)?;
            let values = ssm::read_parameters(&client, &names).await?;
            Values(names.into_iter().zip(values).collect())
        }
        Some(_) | None => Values(HashMap::new()),
    };
    let auth_key = values.of(&settings.auth_key, |text| Ok(AuthKey::new(text)))?;
    let written = settings.auth_key.parameter().and_then(|name| values.0.get(name)?.written);
    let key_written = written.filter(|_| settings.control_url.is_none());
    let long_lived_token =
        values.of_optional(settings.long_lived_token.as_ref(), |text| Ok(BearerToken::new(text)))?;
    let authorities = values.of_optional(settings.authorities.as_ref(), Authorities::parse)?;
    let client = match &settings.client_certificate {
        Some(client) => {
            let chain = values.of(&client.chain, ClientChain::parse)?;
            Some((chain, values.of(&client.key, ClientKey::parse)?))
        }
        None => None,
    };
    let tls = tls::config(settings.trust(authorities), client)?;
    Ok(Secrets { auth_key, key_written, long_lived_token, tls })
}

/// What SSM gave, by the parameters' names.
struct Values<'a>(HashMap<&'a str, ReadParameter>);

impl Values<'_> {
    fn of<T: Clone>(
        &self,
        source: &Source<T>,
        parse: fn(&str) -> Result<T, Expected>,
    ) -> Result<T, SecretsError> {
        match source {
            Source::Given(value) => Ok(value.clone()),
            Source::Parameter(name) => {
                let value = self.0.get(name.as_str()).ok_or_else(|| SecretsError::Unread(name.clone()))?;
                parse(value.value.expose_secret())
                    .map_err(|expected| SecretsError::Wrong { name: name.clone(), expected })
            }
        }
    }

    fn of_optional<T: Clone>(
        &self,
        source: Option<&Source<T>>,
        parse: fn(&str) -> Result<T, Expected>,
    ) -> Result<Option<T>, SecretsError> {
        source.map(|source| self.of(source, parse)).transpose()
    }
}

impl Settings {
    /// The names of the parameters that hold what the settings do not give themselves.
    fn parameters(&self) -> Vec<&str> {
        let client = self.client_certificate.as_ref();
        let names = [
            self.auth_key.parameter(),
            self.long_lived_token.as_ref().and_then(Source::parameter),
            self.authorities.as_ref().and_then(Source::parameter),
            client.and_then(|client| client.chain.parameter()),
            client.and_then(|client| client.key.parameter()),
        ];
        names.into_iter().flatten().collect()
    }
}

impl<T> Source<T> {
    pub(crate) fn parameter(&self) -> Option<&str> {
        match self {
            Self::Given(_) => None,
            Self::Parameter(name) => Some(name),
        }
    }
}

/// Why the secrets are not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretsError {
    /// SSM did not give them.
    #[error("the secrets could not be read from ssm")]
    Ssm(#[from] CallError),
    /// A setting names a parameter, but nothing says how to call AWS.
    #[error("the parameter {0} was not read")]
    Unread(String),
    /// What a parameter holds is not what it should.
    #[error("the parameter {name} has a wrong value, expected {expected}")]
    Wrong {
        /// The parameter's name.
        name: String,
        /// What should be there.
        expected: Expected,
    },
    /// The certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}
