//! What an endpoint is and can do, as Alexa is told at discovery.

use serde::{Deserialize, Serialize};

use crate::endpoint::{EndpointId, FriendlyName};

/// An endpoint, as a discovery or an AddOrUpdateReport has it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveredEndpoint {
    /// By which directives and events name it.
    pub endpoint_id: EndpointId,
    /// 1 to 128 characters.
    pub manufacturer_name: String,
    /// What people call it.
    pub friendly_name: FriendlyName,
    /// 1 to 128 characters, shown in the app.
    pub description: String,
    /// What it is; of a doorbell with a camera, the camera comes first.
    pub display_categories: Vec<DisplayCategory>,
    /// What it can do.
    pub capabilities: Vec<Capability>,
}

/// What an endpoint is shown as.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisplayCategory {
    /// A doorbell.
    Doorbell,
}

/// One interface of an endpoint.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Capability {
    r#type: CapabilityType,
    interface: Interface,
    /// "3" for all of these. Amazon's page on EndpointHealth has 3.1, which its schema does not know.
    version: Version,
    /// Of an interface whose only word is an event, this stands here.
    #[serde(skip_serializing_if = "Option::is_none")]
    proactively_reported: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties>,
}

impl Capability {
    /// `Alexa`, which every endpoint has.
    #[must_use]
    pub fn alexa() -> Self {
        Self::new(Interface::Alexa)
    }

    /// `Alexa.DoorbellEventSource`: it sends presses.
    #[must_use]
    pub fn doorbell_event_source() -> Self {
        Self { proactively_reported: Some(true), ..Self::new(Interface::DoorbellEventSource) }
    }

    /// `Alexa.EndpointHealth`: whether it is there can be asked, and is told when it changes.
    #[must_use]
    pub fn endpoint_health() -> Self {
        let supported = vec![Supported { name: "connectivity".to_owned() }];
        let properties = Properties { supported, proactively_reported: true, retrievable: true };
        Self { properties: Some(properties), ..Self::new(Interface::EndpointHealth) }
    }

    fn new(interface: Interface) -> Self {
        Self {
            r#type: CapabilityType::AlexaInterface,
            interface,
            version: Version::Three,
            proactively_reported: None,
            properties: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
enum CapabilityType {
    AlexaInterface,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
enum Version {
    #[serde(rename = "3")]
    Three,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
enum Interface {
    Alexa,
    #[serde(rename = "Alexa.DoorbellEventSource")]
    DoorbellEventSource,
    #[serde(rename = "Alexa.EndpointHealth")]
    EndpointHealth,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    supported: Vec<Supported>,
    proactively_reported: bool,
    retrievable: bool,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Supported {
    name: String,
}

impl DiscoveredEndpoint {
    /// A doorbell without a camera.
    #[must_use]
    pub fn doorbell(endpoint_id: EndpointId, friendly_name: FriendlyName) -> Self {
        Self {
            endpoint_id,
            manufacturer_name: "porch".to_owned(),
            friendly_name,
            description: "Doorbell by porch".to_owned(),
            display_categories: vec![DisplayCategory::Doorbell],
            capabilities: vec![
                Capability::doorbell_event_source(),
                Capability::endpoint_health(),
                Capability::alexa(),
            ],
        }
    }
}
