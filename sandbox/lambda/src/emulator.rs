//! The AWS emulator, asked as AWS is: signed requests for a function, a role's credentials, access to the registry.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, Method, Request};
use reqwest::{Client, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::credentials::{FunctionCredentials, LIFETIME};
use crate::function::{FunctionConfiguration, WrongConfiguration};
use crate::image::Registry;
use crate::settings::Settings;

/// How long the emulator may take for one answer.
const DEADLINE: Duration = Duration::from_secs(10);
/// No answer read here is longer.
const LARGEST_ANSWER: usize = 4 << 20;
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// A client of the emulator.
pub struct Emulator {
    client: Client,
    url: Url,
    region: String,
    credentials: Credentials,
}

/// Why the emulator did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// No answer in time.
    #[error("the emulator at {url} did not answer to {operation}: {source}; see that it runs")]
    Unreachable {
        /// The emulator's address.
        url: Box<Url>,
        /// AWS's name of the request.
        operation: &'static str,
        /// The client's answer.
        source: reqwest::Error,
    },
    /// `ResourceNotFoundException`, in the emulator's own words.
    #[error("{0}")]
    NotFound(String),
    /// Another error.
    #[error("the emulator refused {operation} with {status}: {message}")]
    Refused {
        /// AWS's name of the request.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// The emulator's words.
        message: String,
    },
    /// An answer that AWS would not give.
    #[error("the emulator's answer to {0} is not understood")]
    Unreadable(&'static str),
    /// The request could not be signed.
    #[error("cannot sign {operation}: {cause}")]
    Unsigned {
        /// AWS's name of the request.
        operation: &'static str,
        /// What the signer says.
        cause: String,
    },
}

/// The parts in which AWS's protocols differ.
struct Call<'a> {
    operation: &'static str,
    service: &'static str,
    method: Method,
    path: &'a str,
    headers: &'a [(HeaderName, &'a str)],
    body: String,
}

impl Emulator {
    /// A client with the settings' address, region and key. It uses no proxy and follows no redirect.
    pub fn new(settings: &Settings) -> Result<Self, reqwest::Error> {
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build()?;
        let (id, secret) = (settings.access_key_id.as_str(), settings.secret_access_key.expose_secret());
        let credentials = Credentials::new(id, secret, None, None, "settings");
        Ok(Self { client, url: settings.emulator.clone(), region: settings.region.clone(), credentials })
    }

    /// Its address without a `/` at the end, as `AWS_ENDPOINT_URL` has it.
    pub fn endpoint(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// What a function is now. The name must have been checked.
    pub async fn function(
        &self,
        name: &str,
    ) -> Result<Result<FunctionConfiguration, WrongConfiguration>, EmulatorError> {
        let path = format!("/2015-03-31/functions/{name}");
        let answer = self
            .call(Call {
                operation: "GetFunction",
                service: "lambda",
                method: Method::GET,
                path: &path,
                headers: &[],
                body: String::new(),
            })
            .await?;
        Ok(FunctionConfiguration::read(&answer))
    }

    /// Credentials of a role, as Lambda gets them for a function's environment.
    pub async fn assume_role(&self, role: &str, session: &str) -> Result<FunctionCredentials, EmulatorError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", "AssumeRole")
            .append_pair("Version", "2011-06-15")
            .append_pair("RoleArn", role)
            .append_pair("RoleSessionName", session)
            .append_pair("DurationSeconds", &LIFETIME.as_secs().to_string())
            .finish();
        let asked = SystemTime::now();
        let answer = self
            .call(Call {
                operation: "AssumeRole",
                service: "sts",
                method: Method::POST,
                path: "/",
                headers: &[(CONTENT_TYPE, "application/x-www-form-urlencoded")],
                body,
            })
            .await?;
        String::from_utf8(answer)
            .ok()
            .and_then(|answer| FunctionCredentials::read(&answer, asked))
            .ok_or(EmulatorError::Unreadable("AssumeRole"))
    }

    /// The registry, with ECR's authorization for it.
    pub async fn registry(&self) -> Result<Registry, EmulatorError> {
        let answer = self
            .call(Call {
                operation: "GetAuthorizationToken",
                service: "ecr",
                method: Method::POST,
                path: "/",
                headers: &[
                    (CONTENT_TYPE, "application/x-amz-json-1.1"),
                    (TARGET, "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"),
                ],
                body: "{}".to_owned(),
            })
            .await?;
        let read: AuthorizationTokens = serde_json::from_slice(&answer)
            .map_err(|_| EmulatorError::Unreadable("GetAuthorizationToken"))?;
        let first = read.authorization_data.into_iter().next();
        let token = first.ok_or(EmulatorError::Unreadable("GetAuthorizationToken"))?.authorization_token;
        Ok(Registry { client: self.client.clone(), emulator: self.url.clone(), token })
    }

    async fn call(&self, call: Call<'_>) -> Result<Vec<u8>, EmulatorError> {
        let operation = call.operation;
        let unreachable =
            |source| EmulatorError::Unreachable { url: Box::new(self.url.clone()), operation, source };
        let request = self.signed(call)?;
        let mut request = reqwest::Request::try_from(request).map_err(unreachable)?;
        *request.timeout_mut() = Some(DEADLINE);
        let response = self.client.execute(request).await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let answer =
            body(response).await.map_err(unreachable)?.ok_or(EmulatorError::Unreadable(operation))?;
        if status == 200 { Ok(answer) } else { Err(refusal(operation, status, &answer)) }
    }

    fn signed(&self, call: Call<'_>) -> Result<Request<String>, EmulatorError> {
        let operation = call.operation;
        let unsigned =
            |cause: &dyn std::fmt::Display| EmulatorError::Unsigned { operation, cause: cause.to_string() };
        let mut url = self.url.clone();
        url.set_path(call.path);
        let mut request = Request::builder().method(call.method).uri(url.as_str()).header(ACCEPT, "*/*");
        for (name, value) in call.headers {
            request = request.header(name, *value);
        }
        let mut request = request.body(call.body).map_err(|error| unsigned(&error))?;
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(call.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unsigned(&error))?
            .into();
        let headers =
            request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(
            request.method().as_str(),
            url.as_str(),
            headers,
            SignableBody::Bytes(request.body().as_bytes()),
        )
        .map_err(|error| unsigned(&error))?;
        let (instructions, _signature) =
            sign(signable, &parameters).map_err(|error| unsigned(&error))?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

/// The body, or nothing when it is longer than any answer is.
async fn body(mut response: Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > LARGEST_ANSWER {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn refusal(operation: &'static str, status: u16, answer: &[u8]) -> EmulatorError {
    let text = String::from_utf8_lossy(answer);
    let read: Option<AwsError> = serde_json::from_slice(answer).ok();
    let message = read.and_then(|error| error.message).unwrap_or_else(|| text.chars().take(500).collect());
    if status == 404 && operation == "GetFunction" {
        EmulatorError::NotFound(message)
    } else {
        EmulatorError::Refused { operation, status, message }
    }
}

#[derive(Deserialize)]
struct AwsError {
    #[serde(alias = "Message")]
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizationTokens {
    authorization_data: Vec<AuthorizationData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizationData {
    #[serde(deserialize_with = "secret")]
    authorization_token: SecretString,
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_function_is_told_apart_from_other_refusals() {
        let missing = include_bytes!("../tests/fixtures/function-not-found.json");
        assert!(matches!(refusal("GetFunction", 404, missing), EmulatorError::NotFound(message)
            if message == "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nope"));
        let denied =
            refusal("AssumeRole", 403, b"<ErrorResponse><Message>not allowed</Message></ErrorResponse>");
        assert!(denied.to_string().contains("refused AssumeRole with 403: <ErrorResponse>"), "{denied}");
    }

    #[test]
    fn ecrs_authorization_is_read_and_never_shown() {
        let answer = include_str!("../tests/fixtures/authorization-token.json");
        let read: AuthorizationTokens = serde_json::from_str(answer).unwrap();
        assert_eq!(read.authorization_data[0].authorization_token.expose_secret(), "QVdTOm1hZGUtdXA=");
    }
}
