//! The parameters of a request for tokens: a form, as documented, or a JSON object, as Amazon's own command line sends.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use url::form_urlencoded;

use super::LwaError;

/// Tokens have 2 KB at most, so nothing that is meant well is longer.
const LARGEST_BODY: usize = 16 * 1024;

/// Every parameter once, and none that the request has no use for.
#[derive(Debug)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(super) fn read(request: &Request<Bytes>) -> Result<Self, LwaError> {
        if request.uri().query().is_some_and(|query| !query.is_empty()) {
            return Err(LwaError::InternalFailure);
        }
        if request.body().len() > LARGEST_BODY {
            return Err(LwaError::InvalidRequest("the body is larger than 16 KB"));
        }
        let named = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let (kind, parameter) = named.map_or(("", ""), |named| named.split_once(';').unwrap_or((named, "")));
        let charset = parameter.trim().to_ascii_lowercase();
        if !charset.is_empty() && charset != "charset=utf-8" {
            return Err(LwaError::InvalidRequest("Content-Type has a parameter other than charset=UTF-8"));
        }
        let pairs = match kind.trim().to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => form(request.body())?,
            "application/json" => object(request.body())?,
            _ => {
                return Err(LwaError::InvalidRequest(
                    "Content-Type is neither application/x-www-form-urlencoded nor application/json",
                ));
            }
        };
        let count = pairs.len();
        let once: BTreeMap<String, String> =
            pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        if once.len() == count {
            Ok(Self(once))
        } else {
            Err(LwaError::InvalidRequest("a parameter is given twice, or without a value"))
        }
    }

    /// Takes a parameter that has to be there; `absent` says that it is not.
    pub(super) fn take(&mut self, name: &str, absent: &'static str) -> Result<String, LwaError> {
        self.0.remove(name).ok_or(LwaError::InvalidRequest(absent))
    }

    pub(super) fn take_if_there(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// RFC 6749 has a server ignore what it does not know. Nothing that porch sends is to be ignored.
    pub(super) fn end(self) -> Result<(), LwaError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(LwaError::InvalidRequest("a parameter is not one of this grant type"))
        }
    }
}

fn form(body: &[u8]) -> Result<Vec<(String, String)>, LwaError> {
    std::str::from_utf8(body).map_err(|_| LwaError::InvalidRequest("the body is not UTF-8"))?;
    Ok(form_urlencoded::parse(body).into_owned().collect())
}

fn object(body: &[u8]) -> Result<Vec<(String, String)>, LwaError> {
    let fields: BTreeMap<String, String> = serde_json::from_slice(body)
        .map_err(|_| LwaError::InvalidRequest("the body is no JSON object of strings"))?;
    Ok(fields.into_iter().collect())
}
