//! What requests have in common.

use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use http::header::{CONTENT_TYPE, IF_MATCH};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::form_urlencoded;

use super::refusal::Refusal;
use super::schema::{Shape, check};

/// The body, if it is as documented.
pub(super) fn body(request: &Request<Bytes>, shape: &Shape) -> Result<Value, Refusal> {
    if request.headers().get(CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
        return Err(Refusal::bad("The content type is not application/json."));
    }
    let body: Value =
        serde_json::from_slice(request.body()).map_err(|_| Refusal::bad("The body is not JSON."))?;
    let found = check(shape, &body);
    if found.is_empty() {
        Ok(body)
    } else {
        Err(Refusal::BadRequest("The request is not valid.".into(), found))
    }
}

pub(super) fn query(request: &Request<Bytes>) -> Vec<(String, String)> {
    form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect()
}

/// Whether the request is about what is there now, if it says so.
pub(super) fn precondition(request: &Request<Bytes>, current: &str) -> Result<(), Refusal> {
    match request.headers().get(IF_MATCH) {
        Some(wanted) if wanted.as_bytes() != current.as_bytes() => Err(Refusal::PreconditionFailed),
        Some(_) | None => Ok(()),
    }
}

/// A time as Amazon writes it.
pub(super) fn written(at: SystemTime) -> String {
    OffsetDateTime::from(at).format(&Rfc3339).unwrap_or_default()
}
