//! Home Assistant's Alexa endpoint.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use rustls::ClientConfig;
use serde::Deserialize;
use serde_json::value::RawValue;
use tailnet::{Connector, Phases};

use crate::clocks::Moment;
use crate::failure::Failure;
use crate::http_client::{Client, ExchangeError, client, exchange};
use crate::tls::{HandshakeError, TlsConnector};
use crate::token::Token;

/// Most bytes taken of a reply: a little less than the 6 MB that Lambda may return.
const REPLY_LIMIT: usize = 5 * 1024 * 1024;

/// For how long a connection that is not used can be trusted. One that was kept over a longer freeze does not fail, it
/// stalls, for 7 s; a new one takes 40 ms.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// A client of one Home Assistant.
#[derive(Debug)]
pub(crate) struct HomeAssistant {
    url: Uri,
    connector: Connector,
    phases: Phases,
    kept: Mutex<Option<Kept>>,
}

/// A client with its connections, and when they were last known to be good.
#[derive(Debug)]
struct Kept {
    client: Client<TlsConnector>,
    used: Moment,
}

impl HomeAssistant {
    /// A client of the Home Assistant whose Alexa endpoint is at `url`. Notes the phase `reply`.
    pub(crate) fn new(url: Uri, connector: Connector, phases: Phases) -> Self {
        Self { url, connector, phases, kept: Mutex::default() }
    }

    /// Sends a directive, the bytes as they came, and returns the reply as it came. It is sent once.
    ///
    /// `tls` is always the same; it is not there yet when this client is made.
    pub(crate) async fn ask(
        &self,
        directive: Bytes,
        token: &Token,
        tls: &ClientConfig,
    ) -> Result<Box<RawValue>, Failure> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.url.clone())
            .header(header::AUTHORIZATION, token.authorization().ok_or(Failure::UnusableToken)?)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("porch-bridge/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(directive))
            .map_err(|_| Failure::UnusableToken)?;
        let client = self.client(Moment::now(), tls);
        let (status, body) = self.phases.time_rest("reply", exchange(&client, request, REPLY_LIMIT)).await?;
        self.keep(client, Moment::now());
        match status {
            StatusCode::OK => alexa_event(&body),
            status => Err(Failure::Status(status)),
        }
    }

    /// The client whose connections may be used now: the kept one if it was used lately, else a new one.
    fn client(&self, now: Moment, tls: &ClientConfig) -> Client<TlsConnector> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        match kept {
            Some(kept) if is_fresh(kept.used, now) => kept.client,
            Some(_) | None => {
                client(TlsConnector::new(self.connector.clone(), tls.clone(), self.phases.clone()))
            }
        }
    }

    /// Keeps a client whose connection has just brought a reply. One that has not is dropped with its connections.
    fn keep(&self, client: Client<TlsConnector>, used: Moment) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { client, used });
    }
}

/// Whether connections that were good at `used` can be trusted now. A wall clock that was set back tells nothing.
fn is_fresh(used: Moment, now: Moment) -> bool {
    now.since(used).is_some_and(|idle| idle < KEPT_FOR)
}

/// The body as an Alexa event, if it has the shape of one.
fn alexa_event(body: &[u8]) -> Result<Box<RawValue>, Failure> {
    serde_json::from_slice::<Reply>(body).map_err(|_| Failure::NotAnEvent)?;
    serde_json::from_slice(body).map_err(|_| Failure::NotAnEvent)
}

/// What every reply has (alexa/alexa-smarthome, validation_schemas).
#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "event")]
    _event: ReplyEvent,
}

#[derive(Deserialize)]
struct ReplyEvent {
    #[serde(rename = "header")]
    _header: ReplyHeader,
    #[serde(rename = "payload")]
    _payload: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplyHeader {
    #[serde(rename = "namespace")]
    _namespace: String,
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "messageId")]
    _message_id: String,
    #[serde(rename = "payloadVersion")]
    _payload_version: String,
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Request(error) if error.is_connect() => {
                HandshakeError::of_connect(&error).map_or(Self::Connect(error), Self::Handshake)
            }
            ExchangeError::Request(error) => {
                HandshakeError::of_break(&error).map_or_else(|| Self::Broken(error.into()), Self::Handshake)
            }
            ExchangeError::Body(error) => Self::Broken(error),
            ExchangeError::Oversized => Self::OversizedReply,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_used_again_for_30_s_by_either_clock() {
        let used = Moment::now();
        let second = Duration::from_secs(1);
        let set_back = Moment { monotonic: used.monotonic + second, wall: used.wall - second };
        assert!(!is_fresh(used, set_back));
        // Seconds by the monotonic clock, by the wall clock: idle, frozen with one clock standing still, and both.
        for ((monotonic, wall), fresh) in
            [((0, 0), true), ((29, 29), true), ((30, 30), false), ((1, 600), false), ((600, 1), false)]
        {
            let now =
                Moment { monotonic: used.monotonic + second * monotonic, wall: used.wall + second * wall };
            assert_eq!(is_fresh(used, now), fresh, "{monotonic} {wall}");
        }
    }
}
