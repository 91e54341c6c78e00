//! SSM parameters, read with one signed call.
//!
//! Not with AWS's SDK: this is all that is called, and the SDK would be most of the function.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use crate::http_client::{Client, ExchangeError, client, exchange, https};
use crate::settings::Aws;
use crate::tls::{self, TlsError, Trust};

/// Longest time for the call, as a part of the 7 s that a directive has.
const LIMIT: Duration = Duration::from_secs(3);

/// Most bytes taken of the answer: ten parameters of at most 8 KB.
const ANSWER_LIMIT: usize = 128 * 1024;

/// The decrypted values of the parameters `names`, at most ten, in that order.
pub(crate) async fn get_parameters(aws: &Aws, names: &[&str]) -> Result<Vec<SecretString>, SsmError> {
    let encrypted = aws.ssm_endpoint.scheme_str() == Some("https");
    let tls = tls::config(if encrypted { Trust::System } else { Trust::Unused }, None)?;
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    let call = exchange_signed(aws, names, client(https(connector, tls)));
    let (status, answer) = timeout(LIMIT, call).await.map_err(|_| SsmError::Late)??;
    if status != StatusCode::OK {
        return Err(SsmError::refused(status, &answer));
    }
    let answer: Answer = serde_json::from_slice(&answer).map_err(|_| SsmError::Malformed)?;
    let mut values: HashMap<_, _> =
        answer.parameters.into_iter().map(|found| (found.name, found.value)).collect();
    names
        .iter()
        .map(|name| values.remove(*name).ok_or_else(|| SsmError::NoParameter((*name).into())))
        .collect()
}

async fn exchange_signed(
    aws: &Aws,
    names: &[&str],
    client: Client<HttpsConnector<HttpConnector>>,
) -> Result<(StatusCode, Bytes), SsmError> {
    let body = json!({ "Names": names, "WithDecryption": true }).to_string();
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(aws.ssm_endpoint.clone())
        .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
        .header("x-amz-target", "AmazonSSM.GetParameters")
        .body(body)
        .map_err(|error| SsmError::Unsigned(error.into()))?;
    sign_request(aws, &mut request).map_err(SsmError::Unsigned)?;
    Ok(exchange(&client, request.map(Full::from), ANSWER_LIMIT).await?)
}

/// Adds the headers of signature version 4.
fn sign_request(
    aws: &Aws,
    request: &mut Request<String>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let session_token = aws.session_token.as_ref().map(|token| token.expose_secret().to_owned());
    let secret = aws.secret_access_key.expose_secret();
    let identity = Credentials::new(&aws.access_key_id, secret, session_token, None, "environment").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&aws.region)
        .name("ssm")
        // The wall clock, because AWS compares it with its own.
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?;
    let uri = request.uri().to_string();
    let headers =
        request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let signable =
        SignableRequest::new("POST", uri, headers, SignableBody::Bytes(request.body().as_bytes()))?;
    let (instructions, _) = sign(signable, &params.into())?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Parameters")]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    name: String,
    value: SecretString,
}

/// Why SSM did not give the parameters.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SsmError {
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The request could not be signed.
    #[error("the request could not be signed")]
    Unsigned(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer.
    #[error("ssm cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer within the limit.
    #[error("ssm did not answer within {} s", LIMIT.as_secs())]
    Late,
    /// An answer that is no success.
    #[error("ssm answered {status}: {said}; may the function's role read the parameters?")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The kind of error and AWS's words about it.
        said: String,
    },
    /// A parameter that does not exist.
    #[error("there is no parameter {0}")]
    NoParameter(String),
    /// Success, but not what the call answers.
    #[error("ssm answered something that is not understood")]
    Malformed,
}

impl SsmError {
    fn refused(status: StatusCode, answer: &[u8]) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Refusal {
            #[serde(rename = "__type")]
            kind: String,
            #[serde(alias = "Message")]
            message: String,
        }
        let Refusal { kind, message } = serde_json::from_slice(answer).unwrap_or_default();
        Self::Refused { status, said: format!("{kind} {message}").trim().to_owned() }
    }
}

impl From<ExchangeError> for SsmError {
    fn from(error: ExchangeError) -> Self {
        Self::Unreachable(error.into())
    }
}
