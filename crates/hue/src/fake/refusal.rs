//! Every answer but the wanted one.

use http::StatusCode;
use serde_json::json;

/// What the bridge answers instead of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A status, with these words in the documented form.
    Status(u16, &'static str),
    /// 200, with this body.
    Nonsense(&'static str),
    /// 200, with eight megabytes.
    Huge,
    /// It does what it is asked, and the answer is lost.
    LostAnswer,
}

impl Refusal {
    /// 429: too many commands at once.
    pub const BUSY: Self = Self::Status(429, "too many requests");
    /// 503: it restarts, or has too much to do.
    pub const UNAVAILABLE: Self = Self::Status(503, "service unavailable");

    pub(super) fn answer(self) -> Option<(StatusCode, String)> {
        match self {
            Self::Status(status, words) => {
                let status = StatusCode::from_u16(status).expect("a status");
                Some((status, json!({ "errors": [{ "description": words }], "data": [] }).to_string()))
            }
            Self::Nonsense(body) => Some((StatusCode::OK, body.to_owned())),
            Self::Huge => Some((StatusCode::OK, " ".repeat(8 * 1024 * 1024))),
            Self::LostAnswer => None,
        }
    }
}
