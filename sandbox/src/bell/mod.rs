//! What happens at the front door: a customer links the doorbell's skill, and somebody presses the button.

mod button;
mod log;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

pub(crate) use self::button::now_ns;
use self::button::{BOUNCE, Button};
pub use self::log::Did;
use self::log::Log;
use crate::amazon_driver::{AmazonDriver, SecurityProfile};
use crate::error::{Error, Result};
use crate::house::answer;
use crate::lambda::Lambda;
use crate::layout::Layout;
use crate::parts::{Kind, doorbell};

/// The customer at the front door.
pub const CUSTOMER: &str = "sandbox";

/// A press that Alexa's gateway accepted. Times are counted from the edge after which the contact stayed closed.
#[derive(Clone, Debug)]
pub struct Pressed {
    /// The reading of the monotonic clock, in nanoseconds, at that edge.
    pub edge: u128,
    /// How often the contact closed and opened before.
    pub bounces: usize,
    /// When it was sure that the button stays pressed, in milliseconds.
    pub stable_ms: f64,
    /// When the press was taken up.
    pub queued_ms: f64,
    /// When the event began to be sent.
    pub sent_ms: f64,
    /// When the gateway had accepted it.
    pub accepted_ms: f64,
    /// What the gateway has.
    pub event: Value,
    log: Log,
}

impl Pressed {
    /// When somebody rang, as Alexa is told.
    #[must_use]
    pub fn time(&self) -> &str {
        self.event["message"]["event"]["payload"]["timestamp"].as_str().unwrap_or_default()
    }

    /// What these integrations did about it, once all of them are through; one that is named twice has two things to do.
    ///
    /// # Errors
    /// When the daemon does not say what one of them did.
    pub async fn integrations(&self, wanted: &[&str]) -> Result<Vec<Did>> {
        self.log.integrations(self.edge, wanted).await
    }
}

/// Links the skill of `function` for [`CUSTOMER`], as Alexa does it: a code for the skill's events, and who it is for.
///
/// # Errors
/// When the function refuses the grant.
pub async fn link(
    lambda: &Lambda,
    function: &str,
    amazon: &AmazonDriver,
    skill_id: &str,
    profile: &SecurityProfile,
) -> Result<()> {
    let code = amazon.enable_skill(CUSTOMER, skill_id).await?;
    let token = amazon.link(CUSTOMER, profile).await?;
    let invocation = lambda.invoke(function, accept_grant(&code, &token).to_string().into_bytes()).await?;
    answer(&invocation, "AcceptGrant").map(drop)
}

/// The directive with which Alexa hands over a grant.
#[must_use]
pub fn accept_grant(code: &SecretString, token: &SecretString) -> Value {
    json!({"directive": {
        "header": {
            "namespace": "Alexa.Authorization", "name": "AcceptGrant", "payloadVersion": "3",
            "messageId": "00000000-0000-4000-8000-000000000002",
        },
        "payload": {
            "grant": {"type": "OAuth2.AuthorizationCode", "code": code.expose_secret()},
            "grantee": {"type": "BearerToken", "token": token.expose_secret()},
        },
    }})
}

/// Presses the button of `bell` with a contact that bounces, and waits until Alexa's gateway has accepted the event.
///
/// # Errors
/// When nobody watches the button, or the press is not announced.
pub async fn press(layout: &Layout, bell: &str, amazon: &AmazonDriver) -> Result<Pressed> {
    press_at(layout, &doorbell::KIND, bell, amazon).await
}

/// The same, where `daemon` is the one that watches the button.
///
/// # Errors
/// As for [`press`].
pub(crate) async fn press_at(
    layout: &Layout,
    daemon: &Kind,
    bell: &str,
    amazon: &AmazonDriver,
) -> Result<Pressed> {
    let log = Log::from_now_on(layout, daemon)?;
    let edge = Button::of(layout, daemon, bell).await?.press().await?;
    let line = log.about(bell, edge).await?;
    let message_id = line.word("message_id").unwrap_or_default();
    let mut events = amazon.events().await?;
    events.retain(|event| event["message"]["event"]["header"]["messageId"] == message_id);
    let count = events.len();
    let (Some(event), 1) = (events.pop(), count) else {
        return Err(Error::Answer(format!("the gateway has {count} events of the press {message_id}")));
    };
    Ok(Pressed {
        edge,
        bounces: BOUNCE.len(),
        stable_ms: line.number("stable_ms")?,
        queued_ms: line.number("queued_ms")?,
        sent_ms: line.number("sent_ms")?,
        accepted_ms: line.number("accepted_ms")?,
        event,
        log,
    })
}
