//! Answers, and what is said with every one of them.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, StatusCode};
use maud::Markup;

/// Nothing is loaded but what this program has itself, nothing on a page is run, and no page is shown in another's.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page.
pub(super) fn page(status: StatusCode, page: Markup) -> Response {
    of(status, "text/html; charset=utf-8", page.into_string())
}

/// A line of text.
pub(super) fn plain(status: StatusCode, text: &str) -> Response {
    of(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

/// Something else.
pub(super) fn of(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// To be seen at another place, which is asked for by `GET`.
pub(super) fn see(place: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(place));
    response
}

/// There is no such page, picture or visit.
pub(super) fn nothing() -> Response {
    plain(StatusCode::NOT_FOUND, "There is nothing here.")
}

/// Says what every answer has to say. One that says nothing of caches is kept by none.
pub(super) fn seal(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let all: [(HeaderName, &str); 6] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in all {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
