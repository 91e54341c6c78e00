//! What whoever asked is answered.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use http::{StatusCode, Uri};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::failure::Failure;

/// What is said when Home Assistant's answer is not there.
///
/// The form is that of a token endpoint's errors (RFC 6749, 5.2). Those that are named there are about the client or
/// its grant, and may make Amazon forget a refresh token that is good; this word is 4.1.2.1's for a server that is not
/// there for a while.
const UNAVAILABLE: &str = r#"{"error":"temporarily_unavailable"}"#;

/// An answer of Home Assistant's token endpoint that can be passed on.
#[derive(Debug)]
pub(crate) struct TokenAnswer {
    status: StatusCode,
    /// A JSON object, as it came.
    body: SecretString,
}

impl TokenAnswer {
    /// Reads what Home Assistant answered: tokens with 200, its reason with 400 or 403
    /// (homeassistant/components/auth).
    ///
    /// # Errors
    /// When it is something else, as from a server that is not Home Assistant, or is starting, or has banned the
    /// function's node.
    pub(crate) fn read(status: StatusCode, body: Bytes) -> Result<Self, Failure> {
        let text = String::from_utf8(body.into()).unwrap_or_default();
        let is_object = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(&text).is_ok();
        match status {
            StatusCode::OK | StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN if is_object => {
                Ok(Self { status, body: text.into() })
            }
            StatusCode::OK | StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => {
                Err(Failure::NotATokenAnswer(status))
            }
            status => Err(Failure::Status(status)),
        }
    }
}

/// An answer, in payload format 2.0 (AWS Lambda developer guide, urls-invocation). Its text has tokens in it, and is
/// for Lambda's runtime only.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status_code", &self.status_code).finish_non_exhaustive()
    }
}

impl Response {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status_code
    }

    pub(super) fn empty(status_code: u16) -> Self {
        Self::new(status_code, [], String::new())
    }

    /// To Home Assistant's page, with the query as it came.
    pub(super) fn redirect(page: &Uri, query: &SecretString) -> Self {
        let location = format!("{page}?{}", query.expose_secret());
        Self::new(302, [("location", location)], String::new())
    }

    pub(super) fn token(answer: &TokenAnswer) -> Self {
        Self::json(answer.status.as_u16(), answer.body.expose_secret())
    }

    pub(super) fn unavailable() -> Self {
        Self::json(503, UNAVAILABLE)
    }

    /// None of Home Assistant's headers are passed on: these are all that an answer with tokens has (RFC 6749, 5.1).
    fn json(status_code: u16, body: &str) -> Self {
        let headers = [("content-type", "application/json"), ("pragma", "no-cache")];
        Self::new(status_code, headers.map(|(name, value)| (name, value.to_owned())), body.to_owned())
    }

    fn new(
        status_code: u16,
        headers: impl IntoIterator<Item = (&'static str, String)>,
        body: String,
    ) -> Self {
        let mut headers: BTreeMap<_, _> = headers.into_iter().collect();
        headers.insert("cache-control", "no-store".to_owned());
        Self { status_code, headers, body, is_base64_encoded: false }
    }
}
