//! Every answer but the wanted one.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;

use super::{Answer, json_answer};

/// What the API answers instead of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400, with the reason.
    BadRequest(&'static str),
    /// 401: the token or the client is unknown.
    Unauthorized,
    /// 403: the client has not the scope.
    Forbidden,
    /// 404.
    NotFound,
    /// 429: too many requests.
    TooManyRequests,
    /// 500.
    InternalError,
    /// 503.
    Unavailable,
    /// 307, to another place.
    Redirect,
    /// 200, with this body.
    Nonsense(&'static str),
    /// 200, with a megabyte.
    Huge,
    /// Nothing at all.
    Silence,
}

impl Refusal {
    pub(super) async fn answer(self) -> Answer {
        let (status, message) = match self {
            Self::BadRequest(reason) => (StatusCode::BAD_REQUEST, reason),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "API token invalid"),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "calling actor does not have enough permissions to perform this function",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "not found"),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "rate limited"),
            Self::InternalError => (StatusCode::INTERNAL_SERVER_ERROR, "internal error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "try again later"),
            Self::Redirect => {
                let mut answer = json_answer(StatusCode::TEMPORARY_REDIRECT, &json!({}));
                let elsewhere = header::HeaderValue::from_static("http://127.0.0.1:1/");
                answer.headers_mut().insert(header::LOCATION, elsewhere);
                return answer;
            }
            Self::Nonsense(body) => return Response::new(Full::from(body)),
            Self::Huge => return Response::new(Full::from(Bytes::from(vec![b' '; 1024 * 1024]))),
            Self::Silence => std::future::pending().await,
        };
        json_answer(status, &json!({ "message": message }))
    }
}
