//! What is published, and where.

use std::sync::Arc;
use std::time::Duration;

use alexa::EndpointId;

use super::node::Node;

/// The doorbell is there.
pub(super) const ONLINE: &str = "online";

/// It is not; the broker says so itself when the connection is lost.
pub(super) const OFFLINE: &str = "offline";

/// Something to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) topic: String,
    pub(super) payload: Arc<[u8]>,
    pub(super) keep: Keep,
}

/// How long the broker keeps a message for those who are not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Until there is another one of its topic.
    Retained,
    /// For those only who are there, and may be given it so much later.
    For(Duration),
}

impl Message {
    pub(super) fn retained(topic: String, payload: impl Into<Vec<u8>>) -> Self {
        Self { topic, payload: payload.into().into(), keep: Keep::Retained }
    }
}

/// The topics of one doorbell.
#[derive(Clone, Debug)]
pub(super) struct Topics {
    /// `discovery_prefix`: below it, Home Assistant is told what there is.
    discovery: String,
    /// All else of this doorbell is below that.
    own: String,
    node: Node,
}

impl Topics {
    pub(super) fn new(discovery_prefix: &str, prefix: &str, node: Node) -> Self {
        Self { discovery: discovery_prefix.to_owned(), own: format!("{prefix}/{node}"), node }
    }

    /// The device's id in Home Assistant, and the client's at the broker.
    pub(super) fn id(&self) -> String {
        format!("porch-{}", self.node)
    }

    pub(super) fn status(&self) -> String {
        format!("{}/status", self.own)
    }

    pub(super) fn state(&self) -> String {
        format!("{}/state", self.own)
    }

    pub(super) fn diagnostics(&self) -> String {
        format!("{}/diagnostics", self.own)
    }

    pub(super) fn press(&self, bell: &EndpointId) -> String {
        format!("{}/{bell}/press", self.own)
    }

    pub(super) fn picture(&self, bell: &str) -> String {
        format!("{}/{bell}/picture", self.own)
    }

    /// Where Home Assistant says that it has started.
    pub(super) fn birth(&self) -> String {
        format!("{}/status", self.discovery)
    }

    /// Where Home Assistant is told of an entity.
    pub(super) fn config(&self, component: &str, object: &str) -> String {
        format!("{}/{component}/{}/{object}/config", self.discovery, self.id())
    }

    /// All topics of [`Topics::config`].
    pub(super) fn configs(&self) -> String {
        self.config("+", "+")
    }

    /// The component and object of a topic of [`Topics::config`].
    pub(super) fn entity<'a>(&self, topic: &'a str) -> Option<(&'a str, &'a str)> {
        let rest = topic.strip_prefix(&self.discovery)?.strip_prefix('/')?.strip_suffix("/config")?;
        let mut levels = rest.split('/');
        let (component, node, object) = (levels.next()?, levels.next()?, levels.next()?);
        (levels.next().is_none() && node == self.id()).then_some((component, object))
    }
}
