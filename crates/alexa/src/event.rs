//! What porch says to Alexa: replies to directives, and events for the gateway.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::directive::{Directive, Kind};
use crate::discovery::DiscoveredEndpoint;
use crate::endpoint::EndpointId;
use crate::error_type::ErrorType;
use crate::timestamp::Timestamp;
use crate::token::BearerToken;

/// A reply to a directive, or an event for the gateway. As JSON it has Alexa's shape.
#[derive(Clone, Debug)]
pub struct AlexaEvent {
    /// New for every message; of an event that is sent again, the same.
    pub message_id: Uuid,
    /// What a reply repeats of its directive.
    pub correlation_token: Option<String>,
    /// What it is about, unless that is no endpoint.
    pub endpoint: Option<EventEndpoint>,
    /// What it says.
    pub body: Body,
    /// What else is known of the endpoint: `context.properties`.
    pub properties: Vec<Property>,
}

/// The endpoint of a message.
#[derive(Clone, Debug)]
pub struct EventEndpoint {
    /// Its id; a reply repeats the directive's, whatever it was.
    pub endpoint_id: String,
    /// Of an event for the gateway, the access token once more.
    pub token: Option<BearerToken>,
}

/// What a message says, by its namespace and name.
#[derive(Clone, Debug)]
pub enum Body {
    /// `Alexa.ErrorResponse`.
    Error {
        /// What is wrong.
        r#type: ErrorType,
        /// For whoever reads logs; it is not spoken.
        message: String,
    },
    /// `Alexa.StateReport`; the state stands in the properties.
    StateReport,
    /// `Alexa.ChangeReport`.
    ChangeReport {
        /// Why it is told.
        cause: Cause,
        /// What has changed. The rest stands in the message's properties.
        changed: Vec<Property>,
    },
    /// `Alexa.Discovery`, `Discover.Response`.
    Discovered(Vec<DiscoveredEndpoint>),
    /// `Alexa.Discovery.AddOrUpdateReport`.
    AddOrUpdateReport {
        /// Endpoints that are new or have changed.
        endpoints: Vec<DiscoveredEndpoint>,
        /// The access token once more.
        token: BearerToken,
    },
    /// `Alexa.Discovery.DeleteReport`.
    DeleteReport {
        /// Endpoints that are no more.
        endpoints: Vec<EndpointId>,
        /// The access token once more.
        token: BearerToken,
    },
    /// `Alexa.Authorization`, `AcceptGrant.Response`.
    GrantAccepted,
    /// `Alexa.Authorization.ErrorResponse`, with the one type that there is, `ACCEPT_GRANT_FAILED`.
    GrantFailed {
        /// For whoever reads logs.
        message: String,
    },
    /// `Alexa.DoorbellEventSource.DoorbellPress`.
    DoorbellPress {
        /// Who or what rang.
        cause: Cause,
        /// When.
        timestamp: Timestamp,
    },
}

/// Why something happened.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Cause {
    /// Somebody used an app.
    AppInteraction,
    /// Somebody was there.
    PhysicalInteraction,
    /// It was looked at, as is done from time to time.
    PeriodicPoll,
    /// A rule did it.
    RuleTrigger,
    /// Somebody said so.
    VoiceInteraction,
}

/// A state of an endpoint: `Alexa.EndpointHealth.connectivity`, the one that porch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Whether it is there.
    pub connectivity: Connectivity,
    /// When that was seen.
    pub time_of_sample: Timestamp,
    /// How much older it may be.
    pub uncertainty_in_milliseconds: u64,
}

/// Whether an endpoint is there.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Connectivity {
    /// It is.
    Ok,
    /// It is not.
    Unreachable,
}

impl AlexaEvent {
    /// A reply to `directive`.
    #[must_use]
    pub fn reply(directive: &Directive, body: Body, message_id: Uuid) -> Self {
        let endpoint_id = directive.endpoint_id.clone().filter(|_| directive.kind() == Kind::Other);
        Self {
            message_id,
            correlation_token: directive.correlation_token.clone(),
            endpoint: endpoint_id.map(|endpoint_id| EventEndpoint { endpoint_id, token: None }),
            body,
            properties: Vec::new(),
        }
    }

    /// The reply to `directive` when it failed, in the form that its kind wants.
    ///
    /// A discovery finds nothing, since it knows no error; a grant fails under its own namespace; all others get
    /// `Alexa.ErrorResponse`.
    #[must_use]
    pub fn failed(directive: &Directive, r#type: ErrorType, message: String, message_id: Uuid) -> Self {
        let body = match directive.kind() {
            Kind::Discovery => Body::Discovered(Vec::new()),
            Kind::Grant => Body::GrantFailed { message },
            Kind::Other => Body::Error { r#type, message },
        };
        Self::reply(directive, body, message_id)
    }

    /// A press of the doorbell's button, for the gateway. `access_token` is one of Login with Amazon for a grant.
    #[must_use]
    pub fn doorbell_press(
        endpoint_id: &EndpointId,
        timestamp: Timestamp,
        access_token: BearerToken,
        message_id: Uuid,
    ) -> Self {
        let body = Body::DoorbellPress { cause: Cause::PhysicalInteraction, timestamp };
        Self::of_endpoint(endpoint_id, body, access_token, message_id)
    }

    /// A change of the endpoint's connectivity, for the gateway.
    #[must_use]
    pub fn connectivity_changed(
        endpoint_id: &EndpointId,
        changed: Property,
        access_token: BearerToken,
        message_id: Uuid,
    ) -> Self {
        let body = Body::ChangeReport { cause: Cause::PeriodicPoll, changed: vec![changed] };
        Self::of_endpoint(endpoint_id, body, access_token, message_id)
    }

    /// Endpoints that are new or have changed, for the gateway.
    #[must_use]
    pub fn added_or_updated(
        endpoints: Vec<DiscoveredEndpoint>,
        access_token: BearerToken,
        message_id: Uuid,
    ) -> Self {
        Self::of_skill(Body::AddOrUpdateReport { endpoints, token: access_token }, message_id)
    }

    /// Endpoints that are no more, for the gateway.
    #[must_use]
    pub fn deleted(endpoints: Vec<EndpointId>, access_token: BearerToken, message_id: Uuid) -> Self {
        Self::of_skill(Body::DeleteReport { endpoints, token: access_token }, message_id)
    }

    fn of_endpoint(endpoint_id: &EndpointId, body: Body, token: BearerToken, message_id: Uuid) -> Self {
        let endpoint = EventEndpoint { endpoint_id: endpoint_id.as_str().to_owned(), token: Some(token) };
        Self { endpoint: Some(endpoint), ..Self::of_skill(body, message_id) }
    }

    fn of_skill(body: Body, message_id: Uuid) -> Self {
        Self { message_id, correlation_token: None, endpoint: None, body, properties: Vec::new() }
    }
}
