//! Lambda's API, as much of it as the doctor asks: a function's configuration, who may call it, and a call.

use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::tls;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::http;
use crate::lambda::Invocation;
use crate::pulumi::Place;

/// A function answers within 8 s; before that its image may have to be fetched.
const LIMIT: Duration = Duration::from_secs(30);

/// The account and region that a function is in.
pub(super) struct Aws {
    pub(super) place: Place,
    client: reqwest::Client,
    endpoint: String,
    region: String,
    credentials: Credentials,
}

/// Status and body of an answer.
pub(super) type Answer = (u16, Value);

impl Aws {
    /// AWS itself, with the person's credentials by the SDK's default chain (variables, profile, SSO, instance).
    ///
    /// # Errors
    /// When there are no credentials.
    pub(super) async fn account(region: &str) -> Result<Self> {
        let client = reqwest::Client::builder().timeout(LIMIT).redirect(reqwest::redirect::Policy::none());
        let client = client.build().map_err(|error| Error::Answer(http::reason(&error)))?;
        let https = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .build_https();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.to_string()))
            .http_client(https)
            .load()
            .await;
        let provider = config.credentials_provider();
        let provider = provider.ok_or_else(|| Error::Answer("there are no credentials of AWS".into()))?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials
            .map_err(|error| Error::Answer(format!("there are no credentials of AWS: {error}")))?;
        let endpoint = format!("https://lambda.{region}.amazonaws.com");
        Ok(Self { place: Place::Account, client, endpoint, region: region.to_string(), credentials })
    }

    /// The emulator at `endpoint`, which takes any credentials.
    ///
    /// # Errors
    /// When no client can be made.
    pub(super) fn emulator(endpoint: &str, region: &str) -> Result<Self> {
        let credentials = Credentials::new("test", "test", None, None, "sandbox");
        let client = http::client(None, LIMIT)?;
        let (endpoint, region) = (endpoint.to_string(), region.to_string());
        Ok(Self { place: Place::Sandbox, client, endpoint, region, credentials })
    }

    /// Lambda's GetFunctionConfiguration.
    pub(super) async fn configuration(&self, function: &str) -> Result<Answer> {
        self.get(&format!("/2015-03-31/functions/{function}/configuration")).await
    }

    /// Lambda's GetPolicy.
    pub(super) async fn policy(&self, function: &str) -> Result<Answer> {
        self.get(&format!("/2015-03-31/functions/{function}/policy")).await
    }

    /// Lambda's Invoke.
    pub(super) async fn invoke(&self, function: &str, event: Vec<u8>) -> Result<Invocation> {
        let request =
            ::http::Request::post(format!("{}/2015-03-31/functions/{function}/invocations", self.endpoint))
                .header("x-amz-log-type", "Tail");
        let response = self.send(request, event).await?;
        Invocation::read(response).await.map_err(|error| self.silent(&error))
    }

    async fn get(&self, path: &str) -> Result<Answer> {
        let request = ::http::Request::get(format!("{}{path}", self.endpoint));
        let response = self.send(request, Vec::new()).await?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| self.silent(&error))?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    async fn send(&self, request: ::http::request::Builder, body: Vec<u8>) -> Result<reqwest::Response> {
        let unsigned =
            |error: &dyn std::fmt::Display| Error::Answer(format!("a call of AWS cannot be signed: {error}"));
        let mut request = request.body(body).map_err(|error| unsigned(&error))?;
        self.sign(&mut request).map_err(|error| unsigned(&error))?;
        let request = reqwest::Request::try_from(request).map_err(|error| unsigned(&error))?;
        self.client.execute(request).await.map_err(|error| self.silent(&error))
    }

    /// Puts signature version 4 into the request's headers.
    fn sign(
        &self,
        request: &mut ::http::Request<Vec<u8>>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("lambda")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?;
        let headers =
            request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let (method, uri) = (request.method().as_str(), request.uri().to_string());
        let signable = SignableRequest::new(method, uri, headers, SignableBody::Bytes(request.body()))?;
        let (instructions, _) = sign(signable, &params.into())?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }

    fn silent(&self, error: &reqwest::Error) -> Error {
        Error::Answer(format!("{} does not answer: {}", self.endpoint, http::reason(error)))
    }
}
