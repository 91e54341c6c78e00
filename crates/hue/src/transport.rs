//! Requests to one bridge.

use std::time::Duration;

use bytes::Bytes;
use certificates::Fingerprint;
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use http_client::{Kept, Pinned};

use crate::address::Address;
use crate::error::HueError;
use crate::key::ApplicationKey;

/// Longest time for one request. A bridge answers within a tenth of a second, unless it restarts.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);

/// Most bytes of an answer. All lights and scenes of a full house are less than one megabyte.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// How long an idle connection is kept: a visitor often rings twice.
const KEPT: Kept = Kept::For(Duration::from_secs(30));

/// The way to one bridge.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    pub(crate) address: Address,
    pub(crate) pin: Fingerprint,
    client: Pinned,
}

impl Transport {
    pub(crate) fn new(address: Address, pin: Fingerprint) -> Result<Self, HueError> {
        Ok(Self { address, pin, client: Pinned::new(pin, KEPT)? })
    }

    /// Asks once, within `time` and [`LIMIT`].
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        key: Option<&ApplicationKey>,
        body: Option<Vec<u8>>,
        time: Duration,
    ) -> Result<(StatusCode, Bytes), HueError> {
        let what = format!("{method} {path}");
        let mut request = Request::builder()
            .method(method)
            .uri(format!("https://{}{path}", self.address))
            .header(header::ACCEPT, "application/json");
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(key) = key.and_then(ApplicationKey::header) {
            request = request.header("hue-application-key", key);
        }
        let request = request.body(Full::from(body.unwrap_or_default()));
        // Address and paths are made of what belongs in a URL, so that nothing is refused here.
        let Ok(request) = request else { return Err(HueError::Late { what }) };
        let answer = self.client.exchange(request, ANSWER_LIMIT, time.min(LIMIT)).await;
        answer.map_err(|source| HueError::of_no_answer(&self.address, source))
    }
}
