//! A bridge gives a key to whoever asks while somebody presses its button.
//!
//! There is no v2 way: `POST /api` is the old one, and answers with a list and its own error types.

use std::fmt;
use std::time::{Duration, Instant};

use certificates::Fingerprint;
use clock::Clock;
use http::{Method, StatusCode};
use http_client::LeafOnly;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::address::Address;
use crate::error::{HueError, cut};
use crate::key::ApplicationKey;
use crate::transport::{LIMIT, Transport};
use crate::wire::{Answer, BridgeResource};

/// How often it is asked whether the button was pressed. The press counts for half a minute.
const EACH: Duration = Duration::from_secs(1);

/// Error type of the v1 API: the button was not pressed.
const NOT_PRESSED: u32 = 101;

/// What is printed on a bridge, as 16 hexadecimal digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeId(String);

impl BridgeId {
    fn parse(text: &str) -> Option<Self> {
        let is_good = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_good.then(|| Self(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for BridgeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Under which name the app shows the key's owner: `porch#` and at most 19 letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceType(String);

impl DeviceType {
    /// Makes a name from that of the machine.
    #[must_use]
    pub fn of_host(host: &str) -> Self {
        let fits = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let name: String = host.chars().filter(fits).take(19).collect();
        Self(format!("porch#{}", if name.is_empty() { "doorbell" } else { &name }))
    }
}

/// A bridge that has not been paired.
#[derive(Debug)]
pub struct Found {
    /// Its id, for a person to compare with what is printed on the bridge.
    pub id: BridgeId,
    /// What its owner calls it.
    pub name: String,
    transport: Transport,
}

/// What pairing brings.
#[derive(Debug)]
pub struct Paired {
    /// The key.
    pub key: ApplicationKey,
    /// The bridge that gave it.
    pub id: BridgeId,
    /// The fingerprint of its certificate.
    pub pin: Fingerprint,
}

/// Looks which bridge is at an address, and which certificate it shows. It is asked under that certificate alone.
///
/// # Errors
/// [`PairError::Bridge`] and [`PairError::NoBridge`].
pub async fn look(address: &Address) -> Result<Found, PairError> {
    /// The part of a bridge's configuration that everybody may read.
    #[derive(Deserialize)]
    struct Config {
        bridgeid: String,
        name: String,
    }
    let pin = timeout(LIMIT, shown(address)).await.map_err(|_| PairError::Silent(address.to_string()))??;
    let transport = Transport::new(address.clone(), pin)?;
    let (_, body) = transport.ask(Method::GET, "/api/config", None, None, LIMIT).await?;
    let config: Option<Config> = serde_json::from_slice(&body).ok();
    let found = config.and_then(|Config { bridgeid, name }| {
        Some(Found { id: BridgeId::parse(&bridgeid)?, name, transport })
    });
    found.ok_or_else(|| PairError::NoBridge(address.to_string()))
}

/// The certificate that is shown at an address.
async fn shown(address: &Address) -> Result<Fingerprint, PairError> {
    let unreachable = |source| PairError::Unreachable { address: address.to_string(), source };
    let name = address.server_name().ok_or_else(|| PairError::NoBridge(address.to_string()))?;
    let connector = TlsConnector::from(std::sync::Arc::new(LeafOnly::config(None).map_err(HueError::from)?));
    let stream = TcpStream::connect(address.target()).await.map_err(unreachable)?;
    let stream = connector.connect(name, stream).await.map_err(unreachable)?;
    let leaf = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    leaf.map(|leaf| Fingerprint::of(leaf)).ok_or_else(|| PairError::NoBridge(address.to_string()))
}

impl Found {
    /// The fingerprint of the certificate that it shows.
    #[must_use]
    pub fn pin(&self) -> Fingerprint {
        self.transport.pin
    }

    /// Asks for a key each second, until the button is pressed or it is `deadline`.
    ///
    /// # Errors
    /// See [`PairError`].
    pub async fn pair(
        self,
        device_type: &DeviceType,
        clock: &dyn Clock,
        deadline: Instant,
    ) -> Result<Paired, PairError> {
        let key = loop {
            match self.ask_for_key(device_type).await {
                Ok(key) => break key,
                Err(error) if error.is_passing() => {
                    let next = clock.now() + EACH;
                    if next >= deadline {
                        return Err(error);
                    }
                    clock.pause_until(next).await;
                }
                Err(error) => return Err(error),
            }
        };
        self.check(&key).await?;
        Ok(Paired { key, id: self.id, pin: self.transport.pin })
    }

    async fn ask_for_key(&self, device_type: &DeviceType) -> Result<ApplicationKey, PairError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Outcome {
            Success { username: SecretString },
            Error { r#type: u32, description: String },
        }
        let body = json!({ "devicetype": device_type.0 }).to_string().into_bytes();
        let (status, body) = self.transport.ask(Method::POST, "/api", None, Some(body), LIMIT).await?;
        if !status.is_success() {
            return Err(HueError::of_status("POST /api".into(), status, String::new()).into());
        }
        // What the library says of a wrong answer may quote it, and there is a key in it.
        let outcomes: Vec<Outcome> = serde_json::from_slice(&body).map_err(|_| PairError::BadKey)?;
        match outcomes.into_iter().next() {
            Some(Outcome::Success { username }) => {
                ApplicationKey::parse(username.expose_secret()).map_err(|_| PairError::BadKey)
            }
            Some(Outcome::Error { r#type: NOT_PRESSED, .. }) => Err(PairError::NotPressed),
            Some(Outcome::Error { description, .. }) => Err(PairError::Refused(cut(&description))),
            None => Err(PairError::BadKey),
        }
    }

    /// Uses the key once, for the v2 API that all else needs.
    async fn check(&self, key: &ApplicationKey) -> Result<(), PairError> {
        let path = "/clip/v2/resource/bridge";
        let (status, body) = self.transport.ask(Method::GET, path, Some(key), None, LIMIT).await?;
        if status == StatusCode::NOT_FOUND {
            return Err(PairError::TooOld);
        }
        if !status.is_success() {
            return Err(HueError::of_status(format!("GET {path}"), status, String::new()).into());
        }
        let answer: Answer<BridgeResource> = serde_json::from_slice(&body)
            .map_err(|source| HueError::Malformed { what: format!("GET {path}"), source })?;
        let ids: Vec<_> = answer.data.iter().map(|bridge| BridgeId::parse(&bridge.bridge_id)).collect();
        if ids == [Some(self.id.clone())] { Ok(()) } else { Err(PairError::TwoBridges) }
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// Nobody has pressed the button.
    #[error("nobody has pressed the bridge's button; try again, and press it within a minute")]
    NotPressed,
    /// Nothing can be connected to.
    #[error("there is no connection to {address}; is that the bridge's address?")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Nothing says anything.
    #[error("{0} does not answer; is that the bridge's address?")]
    Silent(String),
    /// Something else is there.
    #[error("what answers at {0} is no hue bridge")]
    NoBridge(String),
    /// It cannot be asked.
    #[error(transparent)]
    Bridge(#[from] HueError),
    /// It does not want to.
    #[error("the bridge gives no key: {0}")]
    Refused(String),
    /// It gave something else; what, is not told, as it may be the key.
    #[error("the bridge's answer has no key in it that can be used")]
    BadKey,
    /// It has no v2 API.
    #[error("the bridge does not know the v2 api; update it in the app, a round one (v1) cannot be used")]
    TooOld,
    /// It says of itself that it is this one, and that one.
    #[error("the bridge tells two ids of itself, so that it may be somebody else's")]
    TwoBridges,
}

impl PairError {
    /// Whether to ask again.
    fn is_passing(&self) -> bool {
        match self {
            Self::NotPressed => true,
            Self::Bridge(error) => error.is_passing(),
            Self::Unreachable { .. }
            | Self::Silent(_)
            | Self::NoBridge(_)
            | Self::Refused(_)
            | Self::BadKey
            | Self::TooOld
            | Self::TwoBridges => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_shows_a_name_that_fits() {
        for (host, wanted) in [
            ("front-door", "porch#front-door"),
            ("a very long name of a machine", "porch#averylongnameofamac"),
            ("türklingel#1", "porch#trklingel1"),
            ("", "porch#doorbell"),
        ] {
            assert_eq!(DeviceType::of_host(host).0, wanted);
        }
    }

    #[test]
    fn an_id_is_sixteen_digits() {
        assert_eq!(
            BridgeId::parse("001788FFFE23BFC2").map(|id| id.to_string()),
            Some("001788fffe23bfc2".into())
        );
        for text in ["", "001788fffe23bfc", "001788fffe23bfc22", "001788fffe23bfcg"] {
            assert_eq!(BridgeId::parse(text), None, "{text}");
        }
    }
}
