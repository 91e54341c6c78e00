//! One signed call to a service of AWS.
//!
//! Not with AWS's SDK: a few calls are all that is made, and the SDK would be most of the function.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper_util::client::legacy::connect::HttpConnector;
use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::http_client::{client, exchange, https};
use crate::settings::Aws;
use crate::tls::{self, TlsError, Trust};

/// Longest time for a call, as a part of the 7 s that a directive has.
const LIMIT: Duration = Duration::from_secs(3);

/// Most bytes taken of an answer: ten parameters of at most 8 KB.
const ANSWER_LIMIT: usize = 128 * 1024;

/// What is called, and with what.
pub(crate) struct AwsCall<'a> {
    /// The service, as signatures name it.
    pub(crate) service: &'static str,
    /// Where it is.
    pub(crate) endpoint: &'a Uri,
    /// What the body is.
    pub(crate) content_type: &'static str,
    /// The operation, for services that have it in a header.
    pub(crate) target: Option<&'static str>,
    /// The body.
    pub(crate) body: String,
}

impl AwsCall<'_> {
    /// Status and body of the answer.
    pub(crate) async fn send(self, aws: &Aws) -> Result<(StatusCode, Bytes), AwsCallError> {
        let service = self.service;
        let encrypted = self.endpoint.scheme_str() == Some("https");
        let tls = tls::config(if encrypted { Trust::System } else { Trust::Unused }, None)?;
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        let client = client(https(connector, tls));
        let request = self.signed(aws).map_err(AwsCallError::Unsigned)?;
        let answer = exchange(&client, request.map(Full::from), ANSWER_LIMIT);
        let answer = timeout(LIMIT, answer).await.map_err(|_| AwsCallError::Late { service })?;
        answer.map_err(|source| AwsCallError::Unreachable { service, source: source.into() })
    }

    /// The request with the headers of signature version 4.
    fn signed(self, aws: &Aws) -> Result<Request<String>, Box<dyn std::error::Error + Send + Sync>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(target) = self.target {
            headers.insert("x-amz-target", HeaderValue::from_static(target));
        }
        let mut request =
            Request::builder().method(Method::POST).uri(self.endpoint.clone()).body(self.body)?;
        *request.headers_mut() = headers;

        let session_token = aws.session_token.as_ref().map(|token| token.expose_secret().to_owned());
        let secret = aws.secret_access_key.expose_secret();
        let identity =
            Credentials::new(&aws.access_key_id, secret, session_token, None, "environment").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&aws.region)
            .name(self.service)
            // The wall clock, because AWS compares it with its own.
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?;
        let uri = request.uri().to_string();
        let headers =
            request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let body = SignableBody::Bytes(request.body().as_bytes());
        let signable = SignableRequest::new("POST", uri, headers, body)?;
        let (instructions, _) = sign(signable, &params.into())?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AwsCallError {
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The request could not be signed.
    #[error("the request could not be signed")]
    Unsigned(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer.
    #[error("{service} cannot be reached")]
    Unreachable {
        /// The service.
        service: &'static str,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No answer within the limit.
    #[error("{service} did not answer within {} s", LIMIT.as_secs())]
    Late {
        /// The service.
        service: &'static str,
    },
}
