//! SNS: who is told of alarms.

use serde::Serialize;

use super::VERSION;
use crate::template::{Handle, Reference, Resource, Text};

/// What alarms are published to.
#[derive(Debug, Serialize)]
pub struct Topic {
    /// Name in the account and region.
    pub name: Text,
}

impl Resource for Topic {
    const TYPE: &'static str = "aws:sns/topic:Topic";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<Topic> {
    /// ARN of the topic.
    pub fn arn(&self) -> Reference {
        self.property("arn")
    }
}

/// Somebody who is told what is published.
#[derive(Debug, Serialize)]
pub struct TopicSubscription {
    /// ARN of the topic.
    pub topic: Text,
    /// How.
    pub protocol: Protocol,
    /// Where.
    pub endpoint: Text,
}

impl Resource for TopicSubscription {
    const TYPE: &'static str = "aws:sns/topicSubscription:TopicSubscription";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// How somebody is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// By e-mail, once the link in the first one was opened.
    Email,
}
