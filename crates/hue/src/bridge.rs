//! A bridge that was paired.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use certificates::Fingerprint;
use clock::Clock;
use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::address::Address;
use crate::error::{HueError, cut};
use crate::key::ApplicationKey;
use crate::pace::{Crowd, Pace};
use crate::targets::{Targets, Wanted, resolve};
use crate::transport::Transport;
use crate::wire::{Answer, ResourceId};

/// The longest pauses between tries; a last one follows them.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// How long to pause, at most as long as it is told: anything else between nothing and that keeps many clients from
/// coming back at once.
pub type Jitter = fn(Duration) -> Duration;

/// What it takes to talk to a bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeSettings {
    /// Where it is.
    pub address: Address,
    /// The fingerprint of the certificate that it showed when it was paired.
    pub pin: Fingerprint,
    /// The key that it gave then.
    pub key: ApplicationKey,
}

/// A bridge that was paired. It is told no more than it can take, and asked again when it is busy.
#[derive(Debug)]
pub struct Bridge {
    transport: Transport,
    key: ApplicationKey,
    clock: Arc<dyn Clock>,
    jitter: Jitter,
    pace: Mutex<Pace>,
}

impl Bridge {
    /// The bridge of these settings; nothing is asked of it yet.
    ///
    /// # Errors
    /// [`HueError::Library`].
    pub fn new(settings: BridgeSettings, clock: Arc<dyn Clock>, jitter: Jitter) -> Result<Self, HueError> {
        let BridgeSettings { address, pin, key } = settings;
        let transport = Transport::new(address, pin)?;
        Ok(Self { transport, key, clock, jitter, pace: Mutex::default() })
    }

    /// Finds what `wanted` names.
    ///
    /// # Errors
    /// See [`HueError`]; [`HueError::WrongNames`] has every name that is wrong.
    pub async fn resolve(&self, wanted: &Wanted, deadline: Instant) -> Result<Targets, HueError> {
        resolve(self, wanted, deadline).await
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// A pause of at most this length.
    pub(crate) async fn pause(&self, longest: Duration) {
        let until = self.clock.now() + (self.jitter)(longest);
        self.clock.pause_until(until).await;
    }

    /// All resources of a kind.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        kind: &str,
        deadline: Instant,
    ) -> Result<Vec<T>, HueError> {
        let path = format!("/clip/v2/resource/{kind}");
        let (_, body) = self.ask(Method::GET, &path, None, deadline).await?;
        let answer: Result<Answer<T>, _> = serde_json::from_slice(&body);
        Ok(answer.map_err(|source| HueError::Malformed { what: format!("GET {path}"), source })?.data)
    }

    /// Changes one resource, when it is its turn.
    pub(crate) async fn change(
        &self,
        kind: &str,
        id: &ResourceId,
        change: &Value,
        deadline: Instant,
    ) -> Result<(), HueError> {
        let path = format!("/clip/v2/resource/{kind}/{id}");
        let (status, body) = self.ask(Method::PUT, &path, Some(change), deadline).await?;
        let said = self.said(&body);
        if status == StatusCode::MULTI_STATUS || !said.is_empty() {
            return Err(HueError::Doubtful { what: format!("PUT {path}"), said });
        }
        Ok(())
    }

    /// Asks until there is an answer that does not pass.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        deadline: Instant,
    ) -> Result<(StatusCode, Bytes), HueError> {
        // What may have been done at one try is not undone by another that certainly failed.
        let mut doubt = None;
        for longest in PAUSES {
            match self.ask_once(&method, path, body, deadline).await {
                Err(error) if error.is_passing() && self.clock.now() + longest < deadline => {
                    doubt = doubt.or_else(|| Some(error).filter(HueError::may_be_done));
                    self.pause(longest).await;
                }
                settled => return settled.map_err(|error| doubt.unwrap_or(error)),
            }
        }
        let settled = self.ask_once(&method, path, body, deadline).await;
        settled.map_err(|error| doubt.unwrap_or(error))
    }

    async fn ask_once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        deadline: Instant,
    ) -> Result<(StatusCode, Bytes), HueError> {
        let what = format!("{method} {path}");
        if method == Method::PUT {
            let crowd = if path.contains("/light/") { Crowd::One } else { Crowd::Many };
            let turn = self.pace.lock().unwrap_or_else(PoisonError::into_inner).take(crowd, self.clock.now());
            if turn >= deadline {
                return Err(HueError::Late { what });
            }
            self.clock.pause_until(turn).await;
        }
        let time = deadline.saturating_duration_since(self.clock.now());
        if time.is_zero() {
            return Err(HueError::Late { what });
        }
        let body = body.map(|body| body.to_string().into_bytes());
        let (status, answer) = self.transport.ask(method.clone(), path, Some(&self.key), body, time).await?;
        if status.is_success() {
            return Ok((status, answer));
        }
        Err(HueError::of_status(what, status, self.said(&answer)))
    }

    /// The bridge's own words about what went wrong, cut, and without the key.
    fn said(&self, body: &[u8]) -> String {
        let answer: Option<Answer<Value>> = serde_json::from_slice(body).ok();
        let faults = answer.map(|answer| answer.errors).unwrap_or_default();
        let words: Vec<String> = faults.into_iter().map(|fault| fault.description).collect();
        if words.is_empty() {
            return String::new();
        }
        format!("; {}", cut(&self.key.removed_from(&words.join(", "))))
    }
}
