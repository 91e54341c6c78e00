//! `[mqtt]`: presses and pictures for Home Assistant, or whoever else listens, through a broker.
//!
//! Home Assistant finds the doorbell by itself ([`discovery`]). Below `prefix`, then the [`Node`], there are
//!
//! - `BELL/press`: a press as JSON; not retained, and worth nothing after half a minute
//! - `BELL/picture`: the last picture as a JPEG, retained
//! - `state`: version and start as JSON, retained
//! - `diagnostics`: how the doorbell is as JSON, retained, whenever it is another ([`diagnostics`])
//! - `status`: `online` or `offline`, retained; the broker itself says `offline` when the connection is lost
//!
//! The connection belongs to a task of its own ([`link`]). A press is published at least once: while it is not acknowledged
//! it is published again with the same `id`, and once its time is over it is not published any more.

mod check;
mod diagnostics;
mod discovery;
mod link;
mod message;
mod node;
mod packet;
mod session;
mod traffic;
mod transport;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use alexa::{EndpointId, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::timeout;

use super::{Done, Failure, Integration, Occasion, Picture, Told, Visit};
use crate::core::Health;
use link::{Condition, Link, Request};
use message::{Keep, Message, Topics};
pub use node::Node;
use packet::Audience;

/// How long is waited for a connection before a try fails.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long is waited for a broker that is looked at.
const CHECK: Duration = Duration::from_secs(5);

/// How old a press may be when it is given to somebody who was not there.
const WORTH: Duration = Duration::from_secs(30);

/// Largest picture. It is kept by the broker, and read by everybody who comes later.
const LARGEST: usize = 1024 * 1024;

/// Requests that wait for the connection's task.
const WAITING: usize = 8;

/// Which broker there is, and how the doorbell appears there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttSettings {
    /// `url`, `ca`: where the broker is.
    pub broker: Broker,
    /// `user`, and `password` of the secrets.
    pub login: Option<Login>,
    /// `discovery_prefix`: where Home Assistant looks for devices. Default: `homeassistant`.
    pub discovery_prefix: String,
    /// `prefix`: what this doorbell's topics begin with. Default: `porch`.
    pub prefix: String,
    /// `device_name`: what the device is called in Home Assistant. Default: `Doorbell`.
    pub device_name: String,
    /// The bells that there are, and what people call them.
    pub bells: BTreeMap<EndpointId, String>,
}

impl MqttSettings {
    /// Whether the broker lets the doorbell in.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<String, String> {
        let host = &self.broker.host;
        match timeout(CHECK, check::look(self)).await {
            Ok(Ok(())) => Ok(format!("{host} lets the doorbell in")),
            Ok(Err(why)) => Err(format!("{host} cannot be used: {why}")),
            Err(_) => Err(format!("{host} has not answered within {} s", CHECK.as_secs())),
        }
    }
}

/// Where a broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// A name, or an address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who vouches for it with TLS; none without TLS.
    pub trust: Option<Trust>,
}

/// Who vouches for a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The authorities that the system trusts.
    System,
    /// These certificates and no other, as DER.
    Authorities(Vec<Vec<u8>>),
}

/// Who this is to the broker.
#[derive(Clone, Debug)]
pub struct Login {
    /// `user`.
    pub user: String,
    /// `password` of the secrets.
    pub password: Option<SecretString>,
}

/// A password is the same if it is the same text: whether the settings have changed is asked about nothing else.
impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        let passwords = [self, other].map(|login| login.password.as_ref().map(ExposeSecret::expose_secret));
        self.user == other.user && passwords[0] == passwords[1]
    }
}

impl Eq for Login {}

/// A doorbell at a broker.
#[derive(Debug)]
pub struct Mqtt {
    host: String,
    topics: Topics,
    /// When this is gone, the task says goodbye and ends as well.
    requests: mpsc::Sender<Request>,
    condition: watch::Receiver<Condition>,
    /// Ends the pause after a connection that was lost.
    wake: Arc<Notify>,
}

impl Mqtt {
    /// Connects to the broker, now and whenever the connection is lost, as the doorbell `node`, which is as `health` tells.
    /// It needs a runtime of tokio.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn begin(
        settings: &MqttSettings,
        node: Node,
        health: watch::Receiver<Health>,
    ) -> Result<Self, String> {
        let topics = Topics::new(&settings.discovery_prefix, &settings.prefix, node);
        let (requests, received) = mpsc::channel(WAITING);
        let (condition, told) = watch::channel(Condition::Connecting);
        let wake = Arc::new(Notify::new());
        let link = Link::new(settings, topics.clone(), received, condition, Arc::clone(&wake), health)?;
        tokio::spawn(link.run());
        Ok(Self { host: settings.broker.host.clone(), topics, requests, condition: told, wake })
    }

    async fn deliver(&self, occasion: Occasion) -> Result<Done, Failure> {
        let (message, what) = match &occasion {
            Occasion::Press(visit) => (self.press(visit), "the press"),
            Occasion::Picture(visit, picture) => (self.picture(visit, picture)?, "the picture"),
        };
        self.connected().await?;
        let (reply, answer) = oneshot::channel();
        let lost =
            || Failure::Passing(format!("the connection to {} was lost before it had {what}", self.host));
        self.requests.send(Request::Publish(message, reply)).await.map_err(|_| lost())?;
        let answer = answer.await.map_err(|_| lost())?;
        let audience = answer.map_err(|why| {
            Failure::Lasting(format!("{} does not take {what}: {why}; see its access list", self.host))
        })?;
        let mut told = format!("{} has {what}", self.host);
        if audience == Audience::Nobody {
            told += ", but nobody listens";
        }
        if let Condition::Connected(Some(topic)) = &*self.condition.borrow() {
            told = format!("{told}; it does not take {topic}, see its access list");
        }
        Ok(Done::new(told))
    }

    /// Waits until there is a connection, but not for long. One that was lost is tried to be made at once.
    async fn connected(&self) -> Result<(), Failure> {
        let mut condition = self.condition.clone();
        match &*condition.borrow_and_update() {
            Condition::Connected(_) => return Ok(()),
            Condition::Connecting => {}
            Condition::Down(_) => self.wake.notify_one(),
        }
        let settled = async {
            while condition.changed().await.is_ok() {
                match &*condition.borrow_and_update() {
                    Condition::Connected(_) => return Ok(()),
                    Condition::Connecting => {}
                    Condition::Down(why) => return Err(why.clone()),
                }
            }
            Err("the connection's task has ended".to_owned())
        };
        let settled =
            timeout(PATIENCE, settled).await.unwrap_or_else(|_| Err("it has not answered yet".to_owned()));
        settled.map_err(|why| Failure::Passing(format!("{} cannot be used: {why}", self.host)))
    }

    fn press(&self, visit: &Visit) -> Message {
        let bell = &visit.press.bell;
        let payload = json!({
            "event_type": "press",
            "id": format!("{bell}-{}", visit.press.edge.as_nanos()),
            "bell": bell,
            "bell_name": visit.bell,
            "time": visit.at.map(|at| String::from(Timestamp::of(at))),
            "trial": visit.is_trial,
        });
        let payload = payload.to_string().into_bytes().into();
        Message { topic: self.topics.press(bell), payload, keep: Keep::For(WORTH) }
    }

    fn picture(&self, visit: &Visit, picture: &Picture) -> Result<Message, Failure> {
        let size = picture.jpeg.len();
        if size > LARGEST {
            let told = format!("the picture has {size} bytes, and only {LARGEST} are published");
            return Err(Failure::Lasting(told));
        }
        let topic = self.topics.picture(visit.press.bell.as_str());
        Ok(Message { topic, payload: Arc::clone(&picture.jpeg), keep: Keep::Retained })
    }
}

impl Integration for Mqtt {
    fn tell(self: Arc<Self>, occasion: Occasion) -> Told {
        Box::pin(async move { self.deliver(occasion).await })
    }

    fn leave(self: Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            if self.requests.send(Request::Leave).await.is_ok() {
                // The task tells nothing any more once it has ended.
                let mut condition = self.condition.clone();
                while condition.changed().await.is_ok() {}
            }
        })
    }
}
