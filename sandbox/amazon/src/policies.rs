//! Who may call a skill's functions: asked of the emulator of AWS, as Amazon asks the real one.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, SystemTime};

use aws::{Access, CallError, Client, Credentials, Region, Service};
use http::Uri;
use http_client::{Kept, told};
use serde_json::Value;
use smapi::FunctionArn;
use tokio::time::timeout;

/// Resource policies by the function's ARN.
pub type Policies = BTreeMap<String, Value>;

/// Longest time for one policy.
const LIMIT: Duration = Duration::from_secs(5);

type Unknown = Box<dyn Error + Send + Sync>;

/// The emulator.
#[derive(Clone, Debug)]
pub struct Aws(Client);

impl Aws {
    /// The emulator at `url`. It is asked with the key that it takes for the account's owner.
    ///
    /// # Errors
    /// When there can be no client.
    pub fn new(url: &Uri, now: fn() -> SystemTime) -> Result<Self, Unknown> {
        let credentials = Credentials {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
            session_token: None,
        };
        // Each function is asked about where it is.
        let region = Region::parse("us-east-1").ok_or("no region")?;
        let endpoints = BTreeMap::from([(Service::Lambda, url.clone())]);
        Ok(Self(Client::new(Access { region, credentials, endpoints }, Kept::Not, now)?))
    }

    /// The policies of these functions, of those that have one. What cannot be found out is logged, and counts as none.
    pub async fn policies(&self, functions: &[String]) -> Policies {
        let mut policies = Policies::new();
        for function in functions {
            match self.policy(function).await {
                Ok(Some(policy)) => drop(policies.insert(function.clone(), policy)),
                Ok(None) => {}
                Err(error) => {
                    let error = told(&*error);
                    tracing::warn!(function, error, "who may call a function cannot be found out");
                }
            }
        }
        policies
    }

    async fn policy(&self, function: &str) -> Result<Option<Value>, Unknown> {
        let Ok(arn) = FunctionArn::parse(function) else { return Ok(None) };
        let Some(region) = Region::parse(arn.region()) else { return Ok(None) };
        let client = self.0.in_region(region);
        match timeout(LIMIT, aws::lambda::policy(&client, arn.name(), arn.qualifier())).await? {
            Ok(policy) => Ok(serde_json::from_str(&policy)?),
            Err(CallError::Absent(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
