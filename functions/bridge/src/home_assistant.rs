//! Home Assistant: its Alexa endpoint, and its token endpoint.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use alexa::BearerToken;
use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header, request};
use http_body_util::Full;
use http_client::{Client, ExchangeError, client, exchange};
use rustls::ClientConfig;
use serde::Deserialize;
use serde_json::value::RawValue;
use tailnet::{Connector, Phases};
use tower_service::Service;

use crate::clocks::Moment;
use crate::failure::Failure;
use crate::linking::{TokenAnswer, TokenForm};
use crate::repeat::{nudged, twice};
use crate::settings::BaseUrl;
use crate::tls::{HandshakeError, TlsConnector};

/// Most bytes taken of a reply: a little less than the 6 MB that Lambda may return.
const REPLY_LIMIT: usize = 5 * 1024 * 1024;

/// Most bytes taken of an answer of the token endpoint, which has two tokens of some hundred bytes each.
const TOKEN_ANSWER_LIMIT: usize = 16 * 1024;

/// For how long a connection that is not used can be trusted. One that was kept over a longer freeze does not fail, it
/// stalls, for 7 s; a new one takes 40 ms.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// The same for what is sent only once. Lambda freezes the function after each reply, and what became of the other end
/// meanwhile shows only when something is sent, which is too late then.
const KEPT_FOR_ONE_TRY: Duration = Duration::from_secs(1);

/// A client of one Home Assistant.
#[derive(Debug)]
pub(crate) struct HomeAssistant {
    url: BaseUrl,
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
    /// A client of the Home Assistant at `url`. Notes the phase `reply`.
    pub(crate) fn new(url: BaseUrl, connector: Connector, phases: Phases) -> Self {
        Self { url, connector, phases, kept: Mutex::default() }
    }

    /// Sends a directive, the bytes as they came, and returns the reply as it came.
    ///
    /// It is sent once; one that is `repeatable` once more, over a new connection, when the first try breaks or is
    /// without a reply for too long. For one that is not, the way is repaired then. `tls` is always the same; it is not there yet when this client is made.
    pub(crate) async fn ask(
        &self,
        directive: Bytes,
        token: &BearerToken,
        tls: &ClientConfig,
        repeatable: bool,
    ) -> Result<Box<RawValue>, Failure> {
        let trusted = if repeatable { KEPT_FOR } else { KEPT_FOR_ONE_TRY };
        let first = self.send_directive(self.client(Moment::now(), trusted, tls), directive.clone(), token);
        if !repeatable {
            return nudged(first, self.repair_the_way()).await;
        }
        let second = async { self.send_directive(self.new_client(tls), directive, token).await };
        twice(first, second, |failure| matches!(failure, Failure::Broken(_))).await
    }

    /// Sends a form to the token endpoint and returns its answer. It is sent once, since a code is good only once.
    pub(crate) async fn exchange_token(
        &self,
        form: &TokenForm,
        tls: &ClientConfig,
    ) -> Result<TokenAnswer, Failure> {
        let request = post(&self.url.token, "application/x-www-form-urlencoded")
            .body(Full::new(form.body()))
            .map_err(|_| Failure::UnusableToken)?;
        let client = self.client(Moment::now(), KEPT_FOR_ONE_TRY, tls);
        let (status, body) = self.send(client, request, TOKEN_ANSWER_LIMIT).await?;
        TokenAnswer::read(status, body)
    }

    /// Makes another connection and closes it. Should its dial stall, the connector has WireGuard begin anew, and then
    /// TCP brings over what was sent before on connections that are older (seen: 0.6 s after the node was switched off
    /// and on).
    async fn repair_the_way(&self) {
        // Whether it came about is seen by the reply that is waited for.
        drop(self.touch().await);
    }

    /// Makes a connection and closes it, nothing having been sent.
    pub(crate) async fn touch(&self) -> Result<(), Failure> {
        let mut connector = self.connector.clone();
        let dialled = connector.call(self.url.smart_home.clone()).await;
        dialled.map(drop).map_err(Failure::Dial)
    }

    async fn send_directive(
        &self,
        client: Client<TlsConnector>,
        directive: Bytes,
        token: &BearerToken,
    ) -> Result<Box<RawValue>, Failure> {
        let request = post(&self.url.smart_home, "application/json")
            .header(header::AUTHORIZATION, token.authorization().ok_or(Failure::UnusableToken)?)
            .body(Full::new(directive))
            .map_err(|_| Failure::UnusableToken)?;
        match self.send(client, request, REPLY_LIMIT).await? {
            (StatusCode::OK, body) => alexa_event(&body),
            (status, _) => Err(Failure::Status(status)),
        }
    }

    async fn send(
        &self,
        client: Client<TlsConnector>,
        request: Request<Full<Bytes>>,
        limit: usize,
    ) -> Result<(StatusCode, Bytes), ExchangeError> {
        let answered = self.phases.time_rest("reply", exchange(&client, request, limit)).await?;
        self.keep(client, Moment::now());
        Ok(answered)
    }

    /// The client whose connections may be used now: the kept one if it was used within the time for which it is
    /// `trusted`, else a new one.
    fn client(&self, now: Moment, trusted: Duration, tls: &ClientConfig) -> Client<TlsConnector> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        match kept {
            Some(kept) if is_fresh(kept.used, now, trusted) => kept.client,
            Some(_) | None => self.new_client(tls),
        }
    }

    /// A client that has no connection yet.
    pub(crate) fn new_client(&self, tls: &ClientConfig) -> Client<TlsConnector> {
        client(TlsConnector::new(self.connector.clone(), tls.clone(), self.phases.clone()))
    }

    /// Keeps a client whose connection has just brought a reply. One that has not is dropped with its connections.
    fn keep(&self, client: Client<TlsConnector>, used: Moment) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { client, used });
    }
}

fn post(url: &Uri, content_type: &'static str) -> request::Builder {
    Request::builder()
        .method(Method::POST)
        .uri(url.clone())
        .header(header::CONTENT_TYPE, content_type)
        .header(header::USER_AGENT, concat!("porch-bridge/", env!("CARGO_PKG_VERSION")))
}

/// Whether connections that were good at `used` can be `trusted` still. A wall clock that was set back tells nothing.
fn is_fresh(used: Moment, now: Moment, trusted: Duration) -> bool {
    now.since(used).is_some_and(|idle| idle < trusted)
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
                if let Some(refusal) = HandshakeError::of_break(&error) {
                    return Self::Handshake(refusal);
                }
                Self::Broken(match HandshakeError::of_silent_end(&error) {
                    Some(hint) => hint.into(),
                    None => error.into(),
                })
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
        assert!(!is_fresh(used, set_back, KEPT_FOR));
        // Seconds by the monotonic clock, by the wall clock: idle, frozen with one clock standing still, and both.
        for ((monotonic, wall), fresh) in
            [((0, 0), true), ((29, 29), true), ((30, 30), false), ((1, 600), false), ((600, 1), false)]
        {
            let now =
                Moment { monotonic: used.monotonic + second * monotonic, wall: used.wall + second * wall };
            assert_eq!(is_fresh(used, now, KEPT_FOR), fresh, "{monotonic} {wall}");
        }
        let soon = Moment { monotonic: used.monotonic + second, wall: used.wall + second };
        assert!(is_fresh(used, used, KEPT_FOR_ONE_TRY) && !is_fresh(used, soon, KEPT_FOR_ONE_TRY));
    }
}
