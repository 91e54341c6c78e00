//! AWS where a stack is: in an account, with the person's own credentials, or in the emulator.

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws::{Access, Client, Credentials, Region, Service};
use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_http_client::tls;
use http_client::Kept;

use super::Place;
use crate::error::{Error, Result};
use crate::parts::ministack;

/// Asks AWS about a stack at `place`, in `region`.
///
/// # Errors
/// When there are no credentials.
pub(crate) async fn client(place: Place, region: &str) -> Result<Client> {
    let known = Region::parse(region);
    let region = known.ok_or_else(|| Error::Answer(format!("{region} is no region of AWS")))?;
    let access = match place {
        Place::Sandbox => emulator(region),
        Place::Account => {
            Access { credentials: credentials(region.as_str()).await?, region, endpoints: BTreeMap::new() }
        }
    };
    let client = Client::new(access, Kept::Not, SystemTime::now);
    client.map_err(|error| Error::Answer(format!("AWS cannot be called: {error}")))
}

/// The emulator takes any credentials.
fn emulator(region: Region) -> Access {
    let url: http::Uri = ministack::URL.parse().expect("a constant");
    let credentials =
        Credentials { access_key_id: "test".into(), secret_access_key: "test".into(), session_token: None };
    let endpoints = Service::ALL.map(|service| (service, url.clone()));
    Access { region, credentials, endpoints: endpoints.into() }
}

/// By the SDK's default chain: variables, profile, SSO, instance.
async fn credentials(region: &str) -> Result<Credentials> {
    let https = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(aws_config::Region::new(region.to_owned()))
        .http_client(https)
        .load()
        .await;
    let provider = config.credentials_provider();
    let provider = provider.ok_or_else(|| Error::Answer("there are no credentials of AWS".into()))?;
    let found = provider.provide_credentials().await;
    let found = found.map_err(|error| Error::Answer(format!("there are no credentials of AWS: {error}")))?;
    Ok(Credentials {
        access_key_id: found.access_key_id().to_owned(),
        secret_access_key: found.secret_access_key().into(),
        session_token: found.session_token().map(Into::into),
    })
}
