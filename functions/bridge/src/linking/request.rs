//! A request to the function's URL, as Lambda hands it over.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{SecretSlice, SecretString};
use serde::Deserialize;

/// What is read of a request. Codes and tokens are in its query and its body, so that neither can be printed.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// As it was sent, percent signs and all.
    pub(super) path: String,
    /// What stands after `?`, as it was sent.
    pub(super) query: SecretString,
    pub(super) content_type: Option<String>,
    pub(super) body: SecretSlice<u8>,
}

impl Request {
    /// Reads `event`, which is an event of a function URL in payload format 2.0 (AWS Lambda developer guide,
    /// urls-invocation); `None` if it is nothing of the kind.
    pub(super) fn read(event: &[u8]) -> Option<Self> {
        let event: Event = serde_json::from_slice(event).ok()?;
        if event.version != "2.0" {
            return None;
        }
        // Lambda writes the names of headers in small letters.
        let content_type = event.headers.get("content-type").cloned();
        let body = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded { STANDARD.decode(body).ok()? } else { body.into_bytes() };
        Some(Self {
            method: event.request_context.http.method,
            path: event.raw_path,
            query: event.raw_query_string.into(),
            content_type,
            body: body.into(),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    version: String,
    raw_path: String,
    raw_query_string: String,
    headers: HashMap<String, String>,
    request_context: Context,
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct Context {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}
