//! Answers that are no refusals.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

/// An answer.
pub(super) type Reply = Response<Bytes>;

pub(super) fn empty(status: StatusCode) -> Reply {
    text(status, String::new())
}

pub(super) fn text(status: StatusCode, body: String) -> Reply {
    let mut reply = Response::new(Bytes::from(body));
    *reply.status_mut() = status;
    reply
}

pub(super) fn json_reply(status: StatusCode, body: &Value) -> Reply {
    with(text(status, body.to_string()), CONTENT_TYPE, "application/json")
}

/// The same with a header, whose value is one.
pub(super) fn with(mut reply: Reply, name: HeaderName, value: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
    reply
}
