//! What goes back to a caller: an answer, when it is sent, and whether it is sent at all.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::Value;

/// An answer and the way in which it is given.
#[derive(Debug)]
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// How long the caller waits for it.
    pub delay: Duration,
    /// The connection ends instead, without a byte of the answer.
    pub cut: bool,
}

impl Reply {
    /// An answer that is given at once.
    #[must_use]
    pub fn prompt(answer: Answer) -> Self {
        Self { answer, delay: Duration::ZERO, cut: false }
    }
}

/// An answer of a service, with what record and log say about it.
#[derive(Debug)]
pub struct Answer {
    /// The response.
    pub response: Response<Bytes>,
    /// The error's code, as the service spells it; `None` when the request was granted.
    pub error: Option<&'static str>,
    /// Why, for whoever reads them. It holds no token and no secret.
    pub reason: Option<String>,
}

impl Answer {
    /// What was asked for, or at least no error of the service.
    #[must_use]
    pub fn granted(response: Response<Bytes>) -> Self {
        Self { response, error: None, reason: None }
    }
}

/// A response with nothing in it.
#[must_use]
pub fn empty(status: StatusCode) -> Response<Bytes> {
    text(status, String::new())
}

/// A response with any text in it.
#[must_use]
pub fn text(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response
}

/// A response with JSON in it.
#[must_use]
pub fn json(status: StatusCode, content_type: &'static str, body: &Value) -> Response<Bytes> {
    let mut response = text(status, body.to_string());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
