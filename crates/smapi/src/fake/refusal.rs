//! Every answer but the wanted one.

use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

use super::reply::{Reply, json_reply, text, with};

/// What is answered instead of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// None: the fake's own answer.
    Truth,
    /// 400: something is wrong with the request, and what.
    BadRequest(String, Vec<Violation>),
    /// 401: the token is not good.
    Unauthorized,
    /// 403: it is not allowed, and why.
    Forbidden(String, Vec<Violation>),
    /// 404.
    NotFound,
    /// 409: something else is happening to the skill.
    Conflict,
    /// 412: it was changed since it was read.
    PreconditionFailed,
    /// 429.
    TooManyRequests,
    /// 500.
    InternalError,
    /// 503.
    Unavailable,
    /// 200, with this body.
    Nonsense(String),
    /// 200, with eight megabytes.
    Huge,
    /// What was asked for is done, and the answer is lost.
    LostAnswer,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Amazon's word for it, where it has one.
    pub code: Option<&'static str>,
    /// Its words.
    pub message: String,
}

impl Refusal {
    /// Those that are documented, by the code that the fake gives them.
    pub const DOCUMENTED: [(&'static str, Self); 9] = [
        ("BAD_REQUEST", Self::BadRequest(String::new(), Vec::new())),
        ("UNAUTHORIZED", Self::Unauthorized),
        ("FORBIDDEN", Self::Forbidden(String::new(), Vec::new())),
        ("NOT_FOUND", Self::NotFound),
        ("CONFLICT", Self::Conflict),
        ("PRECONDITION_FAILED", Self::PreconditionFailed),
        ("TOO_MANY_REQUESTS", Self::TooManyRequests),
        ("INTERNAL_SERVER_ERROR", Self::InternalError),
        ("SERVICE_UNAVAILABLE", Self::Unavailable),
    ];

    /// Something is wrong with the request: this.
    #[must_use]
    pub fn bad(message: &str) -> Self {
        Self::BadRequest(message.to_owned(), Vec::new())
    }

    /// It is not allowed, for this reason.
    #[must_use]
    pub fn forbidden(message: &str) -> Self {
        Self::Forbidden(message.to_owned(), Vec::new())
    }

    /// The answer; `None` for the fake's own, and for one that is lost.
    #[must_use]
    pub fn answer(&self) -> Option<Reply> {
        let answer = match self {
            Self::BadRequest(message, found) => violations(StatusCode::BAD_REQUEST, message, found),
            Self::Forbidden(message, found) => violations(StatusCode::FORBIDDEN, message, found),
            Self::Unauthorized => {
                let message = "Token is invalid/expired or doesn't have access to the resource.";
                let reply = error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message);
                with(reply, WWW_AUTHENTICATE, "Bearer")
            }
            Self::NotFound => {
                error(StatusCode::NOT_FOUND, "NOT_FOUND", "The resource being requested is not found.")
            }
            Self::Conflict => error(
                StatusCode::CONFLICT,
                "CONFLICT",
                "The request conflicts with the skill's current state.",
            ),
            Self::PreconditionFailed => {
                error(StatusCode::PRECONDITION_FAILED, "PRECONDITION_FAILED", "Precondition failed.")
            }
            Self::TooManyRequests => error(
                StatusCode::TOO_MANY_REQUESTS,
                "TOO_MANY_REQUESTS",
                "Request limit is exceeded. Please try again later.",
            ),
            Self::InternalError => error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_SERVER_ERROR",
                "An unexpected error occurred.",
            ),
            Self::Unavailable => {
                error(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "Service Unavailable.")
            }
            Self::Nonsense(body) => text(StatusCode::OK, body.clone()),
            Self::Huge => text(StatusCode::OK, " ".repeat(8 * 1024 * 1024)),
            Self::Truth | Self::LostAnswer => return None,
        };
        Some(answer)
    }
}

/// 400 and 403: a message, and what is wrong one by one.
fn violations(status: StatusCode, message: &str, violations: &[Violation]) -> Reply {
    let violations: Vec<Value> = violations
        .iter()
        .map(|Violation { code, message }| match code {
            Some(code) => json!({"code": code, "message": message}),
            None => json!({"message": message}),
        })
        .collect();
    json_reply(status, &json!({"message": message, "violations": violations}))
}

/// All others.
fn error(status: StatusCode, code: &str, message: &str) -> Reply {
    json_reply(status, &json!({"code": code, "message": message}))
}
