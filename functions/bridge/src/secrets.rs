//! The secrets that the settings give or point to.

use tailnet::AuthKey;

use crate::settings::{Settings, Source};
use crate::ssm::{self, SsmError};
use crate::token::Token;

/// What the function needs to get to Home Assistant.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    pub(crate) auth_key: AuthKey,
    pub(crate) long_lived_token: Option<Token>,
}

/// Gathers the secrets, with one call to SSM if any of them is there.
pub(crate) async fn gather(settings: &Settings) -> Result<Secrets, SecretsError> {
    let (auth_key, token) = (&settings.auth_key, settings.long_lived_token.as_ref());
    let names: Vec<&str> =
        [auth_key.parameter(), token.and_then(Source::parameter)].into_iter().flatten().collect();
    let mut values = match &settings.aws {
        Some(aws) if !names.is_empty() => ssm::get_parameters(aws, &names).await?.into_iter(),
        Some(_) | None => Vec::new().into_iter(),
    };
    let mut resolve = |name: &String| values.next().ok_or_else(|| SecretsError::Unread(name.clone()));
    Ok(Secrets {
        auth_key: match auth_key {
            Source::Given(key) => key.clone(),
            Source::Parameter(name) => AuthKey::new(resolve(name)?),
        },
        long_lived_token: match token {
            Some(Source::Given(token)) => Some(token.clone()),
            Some(Source::Parameter(name)) => Some(Token::new(resolve(name)?)),
            None => None,
        },
    })
}

impl<T> Source<T> {
    fn parameter(&self) -> Option<&str> {
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
    Ssm(#[from] SsmError),
    /// A setting names a parameter, but nothing says how to call AWS.
    #[error("the parameter {0} was not read")]
    Unread(String),
}
