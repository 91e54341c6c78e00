//! What goes back to Alexa.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::directive::{Directive, Kind};
use crate::failure::Failure;

/// A reply to a directive.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum AlexaEvent {
    /// Home Assistant's own, as it came.
    Forwarded(Box<RawValue>),
    /// One of the bridge's own, about a failure.
    Failed(Box<FailureEvent>),
}

impl AlexaEvent {
    /// The reply to `directive` when it failed, in the form that its kind wants.
    ///
    /// A discovery finds nothing, since it knows no error; a grant fails under its own namespace; all others get
    /// `Alexa.ErrorResponse` (alexa/alexa-smarthome, validation_schemas).
    pub(crate) fn about(failure: &Failure, directive: &Directive) -> Self {
        let message = failure.told();
        let (namespace, name, payload) = match directive.kind() {
            Kind::Discovery => ("Alexa.Discovery", "Discover.Response", Payload::Endpoints { endpoints: [] }),
            Kind::Grant => {
                let error = Payload::Error { r#type: "ACCEPT_GRANT_FAILED", message };
                ("Alexa.Authorization", "ErrorResponse", error)
            }
            Kind::Other => {
                let error = Payload::Error { r#type: failure.error_type().as_str(), message };
                ("Alexa", "ErrorResponse", error)
            }
        };
        let header = Header {
            namespace,
            name,
            payload_version: "3",
            message_id: Uuid::new_v4(),
            correlation_token: directive.correlation_token.clone(),
        };
        let endpoint = match directive.kind() {
            Kind::Other => directive.endpoint_id.clone().map(|endpoint_id| Endpoint { endpoint_id }),
            Kind::Discovery | Kind::Grant => None,
        };
        Self::Failed(Box::new(FailureEvent { event: Event { header, endpoint, payload } }))
    }
}

/// A reply of the bridge's own.
#[derive(Debug, Serialize)]
pub struct FailureEvent {
    event: Event,
}

#[derive(Debug, Serialize)]
struct Event {
    header: Header,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<Endpoint>,
    payload: Payload,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    namespace: &'static str,
    name: &'static str,
    payload_version: &'static str,
    message_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    endpoint_id: String,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Payload {
    Endpoints { endpoints: [(); 0] },
    Error { r#type: &'static str, message: String },
}
