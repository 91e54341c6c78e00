//! One call, signed.

use std::time::SystemTime;

use aws_credential_types::Credentials as SigningCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use secrecy::ExposeSecret;

use crate::access::{Access, Credentials, Region, Service};

/// What is called, and with what.
pub(crate) struct Call {
    /// The service.
    pub(crate) service: Service,
    /// The operation, for services that have it in a header.
    pub(crate) target: Option<&'static str>,
    /// The body.
    pub(crate) body: String,
}

/// Why a request was not signed; it is a fault of this program.
pub(crate) type Unsigned = Box<dyn std::error::Error + Send + Sync>;

impl Call {
    /// The request with the headers of signature version 4, made at `now`.
    pub(crate) fn signed(self, access: &Access, now: SystemTime) -> Result<Request<String>, Unsigned> {
        let endpoint = access.endpoint(self.service);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.service.content_type()));
        if let Some(target) = self.target {
            headers.insert("x-amz-target", HeaderValue::from_static(target));
        }
        let mut request = Request::builder().method(Method::POST).uri(endpoint).body(self.body)?;
        *request.headers_mut() = headers;
        sign_request(&mut request, self.service, &access.region, &access.credentials, now)?;
        Ok(request)
    }
}

/// Adds the headers of signature version 4 to `request`.
pub(crate) fn sign_request(
    request: &mut Request<String>,
    service: Service,
    region: &Region,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<(), Unsigned> {
    let session_token = credentials.session_token.as_ref().map(|token| token.expose_secret().to_owned());
    let secret = credentials.secret_access_key.expose_secret();
    let identity =
        SigningCredentials::new(&credentials.access_key_id, secret, session_token, None, "porch").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.as_str())
        .name(service.name())
        .time(now)
        .settings(SigningSettings::default())
        .build()?;
    let uri = request.uri().to_string();
    let headers =
        request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body().as_bytes());
    let signable = SignableRequest::new("POST", uri, headers, body)?;
    let (instructions, _) = sign(signable, &params.into())?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

impl Service {
    const fn content_type(self) -> &'static str {
        match self {
            Self::DynamoDb => "application/x-amz-json-1.0",
            Self::Ssm => "application/x-amz-json-1.1",
            Self::Sts => "application/x-www-form-urlencoded",
        }
    }
}
