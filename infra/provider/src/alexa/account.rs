//! The developer's account that skills belong to, as the provider's configuration tells it.
//!
//! It is the provider's and no skill's, so that a skill can be imported by its id alone, and so that a new refresh token
//! changes no skill.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Uri;
use http_client::{Internet, Kept, told};
use secrecy::SecretString;
use smapi::{Access, Client, Clock};

use super::AlexaError;
use crate::inputs::Wrong;
use crate::property::{Properties, Property};

/// The properties of the provider, all or none of them: a security profile of Login with Amazon, and what its
/// developer allowed it.
pub(crate) const ACCOUNT: [&str; 3] = [CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN];
const CLIENT_ID: &str = "alexaClientId";
const CLIENT_SECRET: &str = "alexaClientSecret";
const REFRESH_TOKEN: &str = "alexaRefreshToken";

/// How long a connection to Amazon is kept: the checks of a build are seconds apart.
const KEPT: Kept = Kept::For(Duration::from_secs(30));

/// Where Amazon is.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// The Skill Management API (`ASK_SMAPI_SERVER_BASE_URL`), default `https://api.amazonalexa.com`.
    pub api: Uri,
    /// Login with Amazon (`ASK_LWA_TOKEN_HOST`), default `https://api.amazon.com`.
    pub lwa: Uri,
}

impl Default for Hosts {
    fn default() -> Self {
        Self { api: Uri::from_static(Access::API), lwa: Uri::from_static("https://api.amazon.com") }
    }
}

/// The account, once it is known.
#[derive(Debug)]
pub(crate) struct Account {
    hosts: Hosts,
    clock: Arc<dyn Clock>,
    client: Mutex<Option<Arc<Client>>>,
}

impl Account {
    pub(crate) fn new(hosts: Hosts, clock: Arc<dyn Clock>) -> Self {
        Self { hosts, clock, client: Mutex::default() }
    }

    /// What is wrong with the provider's properties. What is not about the account is none of its business: Pulumi hands
    /// the stack's whole config to a provider that no program declares.
    pub(crate) fn check(given: &Properties) -> Vec<Wrong> {
        let is_given = |name: &&str| given.get(*name).is_some_and(|value| *value != Property::Null);
        if !ACCOUNT.iter().any(is_given) {
            return Vec::new();
        }
        let reason = |name: &str| match given.get(name).map(Property::revealed) {
            Some((Property::Text(text), _)) if !text.trim().is_empty() => None,
            Some((Property::Unknown, _)) => None,
            None => Some("not set, expected beside the other two of the developer's account"),
            Some(_) => Some("expected a text with something in it"),
        };
        let wrong = ACCOUNT.iter().filter_map(|name| {
            reason(name).map(|reason| Wrong { property: (*name).to_owned(), reason: reason.to_owned() })
        });
        wrong.collect()
    }

    /// Learns the account from the provider's properties; one that is not whole is none.
    pub(crate) fn configure(&self, given: &Properties) -> Result<(), AlexaError> {
        let text = |name: &str| match given.get(name).map(Property::revealed) {
            Some((Property::Text(text), _)) => Some(text.trim()),
            _ => None,
        };
        let whole = text(CLIENT_ID).zip(text(CLIENT_SECRET)).zip(text(REFRESH_TOKEN));
        let client = match whole {
            Some(((client_id, client_secret), refresh_token)) => {
                let schemes = [&self.hosts.api, &self.hosts.lwa].into_iter().filter_map(Uri::scheme_str);
                let internet = Internet::new(schemes, KEPT).map_err(|error| AlexaError::Tls(told(&error)))?;
                let access = Access {
                    lwa: self.hosts.lwa.clone(),
                    api: self.hosts.api.clone(),
                    client_id: client_id.to_owned(),
                    client_secret: SecretString::from(client_secret),
                    refresh_token: SecretString::from(refresh_token),
                };
                Some(Arc::new(Client::new(internet, access, self.clock.clone(), jitter)))
            }
            None => None,
        };
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
        Ok(())
    }

    /// The account's skills.
    pub(crate) fn skills(&self) -> Result<Arc<Client>, AlexaError> {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        client.clone().ok_or(AlexaError::NoAccount)
    }

    /// Waits as long as Amazon may need to know what was changed a moment ago.
    pub(crate) async fn pause(&self, time: Duration) {
        self.clock.pause_until(self.clock.now() + time).await;
    }
}

fn jitter(most: Duration) -> Duration {
    most.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(given: &[(&str, Property)]) -> Vec<String> {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Account::check(&given).into_iter().map(|wrong| wrong.property).collect()
    }

    #[test]
    fn an_account_is_whole_or_not_there() {
        let text = |text: &str| Property::Text(text.to_owned());
        assert!(wrong(&[]).is_empty());
        assert!(wrong(&[("bridge", text("{}")), (CLIENT_ID, Property::Null)]).is_empty());
        let whole = [
            (CLIENT_ID, text("id")),
            (CLIENT_SECRET, text("s").hidden_if(true)),
            (REFRESH_TOKEN, Property::Unknown),
        ];
        assert!(wrong(&whole).is_empty());
        assert_eq!(wrong(&whole[..2]), [REFRESH_TOKEN]);
        assert_eq!(wrong(&[(CLIENT_ID, text(" ")), whole[1].clone(), whole[2].clone()]), [CLIENT_ID]);
    }
}
