//! `[[webhook]]`: a URL that is told of presses.
//!
//! It gets a `POST` with JSON, or with a picture as `image/jpeg`. The headers are
//!
//! - `porch-event`: `press` or `picture`
//! - `porch-delivery`: which delivery it is; a second one with the same id tells nothing new
//! - `porch-signature`, where there is a key: `t=1796112930,v1=…` with the time of the delivery in seconds since 1970, and
//!   HMAC-SHA256 of that number, a `.` and the body, in hexadecimal digits. Whoever receives it computes that too, and
//!   refuses what differs or is minutes old.
//!
//! Only what has certainly not arrived is sent again.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::Full;
use http_client::{Internet, Kept, NoAnswer, told};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;

use super::template::Template;
use super::{Done, Failure, Integration, Occasion, Told};

/// Longest answer that is read. Nothing is done with it.
const LONGEST: usize = 64 * 1024;

/// Longest time for an answer, if the terms allow more.
const ANSWER: Duration = Duration::from_secs(30);

/// Who is told, and what.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// `url`: who is told.
    pub url: Uri,
    /// `json`: what, with the press put in. Default: [`Template::everything`].
    pub json: Template,
    /// `key` of the secrets: what deliveries are signed with.
    pub key: Option<SecretString>,
}

impl WebhookSettings {
    /// Whether its host can be reached. To call it would be to tell it something.
    ///
    /// # Errors
    /// When it cannot.
    pub(super) async fn check(&self) -> Result<String, String> {
        let host = self.url.host().unwrap_or_default();
        let encrypted = self.url.scheme_str() == Some("https");
        let port = self.url.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match TcpStream::connect((bare, port)).await {
            Ok(_) => Ok(format!("{host} can be reached")),
            Err(error) => Err(format!("{host}, port {port}, cannot be reached: {error}; see its url")),
        }
    }
}

/// A key is the same if it is the same text: whether a webhook has changed is asked about nothing else.
impl PartialEq for WebhookSettings {
    fn eq(&self, other: &Self) -> bool {
        let keys = [self, other].map(|settings| settings.key.as_ref().map(ExposeSecret::expose_secret));
        self.url == other.url && self.json == other.json && keys[0] == keys[1]
    }
}

impl Eq for WebhookSettings {}

/// A URL that is told of presses.
#[derive(Debug)]
pub struct Webhook {
    settings: WebhookSettings,
    internet: Internet,
}

impl Webhook {
    /// Tells whom `settings` say.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: WebhookSettings) -> Result<Self, String> {
        let schemes = settings.url.scheme_str();
        let internet = Internet::new(schemes, Kept::Not).map_err(|error| told(&error))?;
        Ok(Self { settings, internet })
    }

    async fn deliver(&self, occasion: Occasion) -> Result<Done, Failure> {
        let (event, kind, body) = match &occasion {
            Occasion::Press(visit) => {
                ("press", "application/json", self.settings.json.fill(visit).to_string().into_bytes())
            }
            Occasion::Picture(_, picture) => ("picture", "image/jpeg", picture.jpeg.to_vec()),
        };
        let press = &occasion.visit().press;
        let delivery = format!("{}-{}-{event}", press.bell, press.edge.as_nanos());
        let mut request = Request::post(self.settings.url.clone())
            .header(CONTENT_TYPE, kind)
            .header(USER_AGENT, concat!("porch-doorbell/", env!("CARGO_PKG_VERSION")))
            .header("porch-event", event)
            .header("porch-delivery", delivery);
        if let Some(key) = &self.settings.key {
            request = request.header("porch-signature", signature(key, SystemTime::now(), &body));
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| Failure::Lasting(format!("{error}: see its url")))?;
        let host = self.settings.url.host().unwrap_or_default();
        match self.internet.exchange(request, LONGEST, ANSWER).await {
            Ok((status, _)) if status.is_success() => Ok(Done::new(format!("{host} answered {status}"))),
            Ok((status @ (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE), _)) => {
                Err(Failure::Passing(format!("{host} answered {status}")))
            }
            Ok((status, _)) => Err(Failure::Lasting(format!("{host} answered {status}"))),
            Err(error @ NoAnswer::Unreachable(_)) => {
                Err(Failure::Passing(format!("{host}: {}", told(&error))))
            }
            Err(error) => Err(Failure::Lasting(format!("{host}: {}", told(&error)))),
        }
    }
}

/// What says that a body is from here, and of when.
fn signature(key: &SecretString, now: SystemTime, body: &[u8]) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("{seconds}.").as_bytes());
    context.update(body);
    let digits = crate::hex::hex(context.sign().as_ref());
    format!("t={seconds},v1={digits}")
}

impl Integration for Webhook {
    fn tell(self: Arc<Self>, occasion: Occasion) -> Told {
        Box::pin(async move { self.deliver(occasion).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_what_the_receiver_computes() {
        // From `printf '1796112930.{}' | openssl dgst -sha256 -hmac made-up`.
        let now = UNIX_EPOCH + Duration::from_secs(1_796_112_930);
        let wanted = "t=1796112930,v1=12480a28217bc34ead385231cdcee4c717ba3aa102d660131e466fbe7f08396a";
        assert_eq!(signature(&"made-up".into(), now, b"{}"), wanted);
    }
}
