//! What pages are made with: a style sheet, a script and an icon, all within the program.
//!
//! Their names change with what is in them, so that a browser may keep them for good.

use std::sync::LazyLock;

use axum::response::Response;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use ring::digest;

use super::reply;

/// Below which all of them are.
pub(super) const FOLDER: &str = "/assets/";

pub(super) static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", include_str!("assets/style.css")));

pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("script", "js", "text/javascript; charset=utf-8", include_str!("assets/script.js"))
});

pub(super) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("assets/icon.svg")));

/// One of them.
pub(super) struct Asset {
    /// Where it is.
    pub(super) path: String,
    kind: &'static str,
    text: &'static str,
}

impl Asset {
    fn new(name: &str, extension: &str, kind: &'static str, text: &'static str) -> Self {
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        let hash = crate::hex::hex(&hash.as_ref()[..6]);
        Self { path: format!("{FOLDER}{name}-{hash}.{extension}"), kind, text }
    }
}

/// The one that is at `path`.
pub(super) fn at(path: &str) -> Response {
    let found = [&STYLE, &SCRIPT, &ICON].into_iter().find(|asset| asset.path == path);
    let Some(asset) = found else { return reply::nothing() };
    let mut response = reply::of(StatusCode::OK, asset.kind, asset.text);
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(CACHE_CONTROL, forever);
    response
}
