//! The JSON of an [`AlexaEvent`]: everything that its schema wants, in the places where it wants it.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::event::{AlexaEvent, Body, Cause, Connectivity, EventEndpoint, Property};
use crate::timestamp::Timestamp;
use crate::token::BearerToken;

#[derive(Deserialize, Serialize)]
struct Message {
    event: Event,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    context: Option<Context>,
}

#[derive(Deserialize, Serialize)]
struct Event {
    header: Header,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<Endpoint>,
    payload: Value,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    namespace: String,
    name: String,
    payload_version: String,
    message_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_token: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    endpoint_id: String,
}

#[derive(Deserialize, Serialize)]
struct Scope {
    r#type: ScopeType,
    #[serde(serialize_with = "exposed")]
    token: BearerToken,
}

#[derive(Deserialize, Serialize)]
enum ScopeType {
    BearerToken,
}

#[derive(Default, Deserialize, Serialize)]
struct Context {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<PropertyState>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct PropertyState {
    namespace: PropertyNamespace,
    name: PropertyName,
    value: ConnectivityValue,
    time_of_sample: Timestamp,
    uncertainty_in_milliseconds: u64,
}

#[derive(Deserialize, Serialize)]
enum PropertyNamespace {
    #[serde(rename = "Alexa.EndpointHealth")]
    EndpointHealth,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum PropertyName {
    Connectivity,
}

#[derive(Deserialize, Serialize)]
struct ConnectivityValue {
    value: Connectivity,
}

#[derive(Deserialize, Serialize)]
struct Change {
    change: Changed,
}

#[derive(Deserialize, Serialize)]
struct Changed {
    cause: TypedCause,
    properties: Vec<PropertyState>,
}

#[derive(Deserialize, Serialize)]
struct TypedCause {
    r#type: Cause,
}

#[derive(Deserialize, Serialize)]
struct Press {
    cause: TypedCause,
    timestamp: Timestamp,
}

#[derive(Deserialize, Serialize)]
struct Endpoints<E> {
    endpoints: Vec<E>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Named<I> {
    endpoint_id: I,
}

#[derive(Deserialize, Serialize)]
struct Failure<T> {
    r#type: T,
    message: String,
}

#[derive(Deserialize, Serialize)]
enum GrantFailure {
    #[serde(rename = "ACCEPT_GRANT_FAILED")]
    AcceptGrantFailed,
}

/// The line that puts a token into a body.
fn exposed<S: Serializer>(token: &BearerToken, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

impl Serialize for AlexaEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (namespace, name) = self.body.name();
        let header = Header {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            payload_version: "3".to_owned(),
            message_id: self.message_id,
            correlation_token: self.correlation_token.clone(),
        };
        let payload = self.body.payload().map_err(ser::Error::custom)?;
        let endpoint = self.endpoint.as_ref().map(|endpoint| Endpoint {
            scope: endpoint.token.clone().map(Scope::of),
            endpoint_id: endpoint.endpoint_id.clone(),
        });
        // An event of an endpoint has a context even if there is nothing in it, as in Amazon's own examples.
        let wanted =
            matches!(self.body, Body::DoorbellPress { .. } | Body::ChangeReport { .. } | Body::StateReport);
        let context = (wanted || !self.properties.is_empty()).then(|| Context {
            properties: self.properties.iter().copied().map(PropertyState::of).collect(),
        });
        Message { event: Event { header, endpoint, payload }, context }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AlexaEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Message { event, context } = Message::deserialize(deserializer)?;
        let Header { namespace, name, message_id, correlation_token, .. } = event.header;
        let body = Body::read(&namespace, &name, event.payload).map_err(D::Error::custom)?;
        let endpoint = event.endpoint.map(|Endpoint { scope, endpoint_id }| EventEndpoint {
            endpoint_id,
            token: scope.map(|scope| scope.token),
        });
        let properties = context.unwrap_or_default().properties.into_iter().map(Property::from).collect();
        Ok(Self { message_id, correlation_token, endpoint, body, properties })
    }
}

impl Body {
    /// Namespace and name.
    fn name(&self) -> (&'static str, &'static str) {
        match self {
            Self::Error { .. } => ("Alexa", "ErrorResponse"),
            Self::StateReport => ("Alexa", "StateReport"),
            Self::ChangeReport { .. } => ("Alexa", "ChangeReport"),
            Self::Discovered(_) => ("Alexa.Discovery", "Discover.Response"),
            Self::AddOrUpdateReport { .. } => ("Alexa.Discovery", "AddOrUpdateReport"),
            Self::DeleteReport { .. } => ("Alexa.Discovery", "DeleteReport"),
            Self::GrantAccepted => ("Alexa.Authorization", "AcceptGrant.Response"),
            Self::GrantFailed { .. } => ("Alexa.Authorization", "ErrorResponse"),
            Self::DoorbellPress { .. } => ("Alexa.DoorbellEventSource", "DoorbellPress"),
        }
    }

    fn payload(&self) -> serde_json::Result<Value> {
        use serde_json::to_value;
        match self {
            Self::Error { r#type, message } => to_value(Failure { r#type, message: message.clone() }),
            Self::StateReport | Self::GrantAccepted => Ok(json!({})),
            Self::ChangeReport { cause, changed } => {
                let properties = changed.iter().copied().map(PropertyState::of).collect();
                to_value(Change { change: Changed { cause: TypedCause { r#type: *cause }, properties } })
            }
            Self::Discovered(endpoints) => to_value(Endpoints { endpoints: endpoints.clone(), scope: None }),
            Self::AddOrUpdateReport { endpoints, token } => {
                to_value(Endpoints { endpoints: endpoints.clone(), scope: Some(Scope::of(token.clone())) })
            }
            Self::DeleteReport { endpoints, token } => {
                let endpoints = endpoints.iter().map(|endpoint_id| Named { endpoint_id }).collect();
                to_value(Endpoints { endpoints, scope: Some(Scope::of(token.clone())) })
            }
            Self::GrantFailed { message } => {
                to_value(Failure { r#type: GrantFailure::AcceptGrantFailed, message: message.clone() })
            }
            Self::DoorbellPress { cause, timestamp } => {
                to_value(Press { cause: TypedCause { r#type: *cause }, timestamp: *timestamp })
            }
        }
    }

    fn read(namespace: &str, name: &str, payload: Value) -> serde_json::Result<Self> {
        use serde_json::from_value;
        Ok(match (namespace, name) {
            ("Alexa", "ErrorResponse") => {
                let Failure { r#type, message } = from_value(payload)?;
                Self::Error { r#type, message }
            }
            ("Alexa", "StateReport") => Self::StateReport,
            ("Alexa", "ChangeReport") => {
                let Change { change } = from_value(payload)?;
                let changed = change.properties.into_iter().map(Property::from).collect();
                Self::ChangeReport { cause: change.cause.r#type, changed }
            }
            ("Alexa.Discovery", "Discover.Response") => {
                Self::Discovered(from_value::<Endpoints<_>>(payload)?.endpoints)
            }
            ("Alexa.Discovery", "AddOrUpdateReport") => {
                let Endpoints { endpoints, scope } = from_value(payload)?;
                Self::AddOrUpdateReport { endpoints, token: token_of(scope)? }
            }
            ("Alexa.Discovery", "DeleteReport") => {
                let Endpoints::<Named<_>> { endpoints, scope } = from_value(payload)?;
                let endpoints = endpoints.into_iter().map(|named| named.endpoint_id).collect();
                Self::DeleteReport { endpoints, token: token_of(scope)? }
            }
            ("Alexa.Authorization", "AcceptGrant.Response") => Self::GrantAccepted,
            ("Alexa.Authorization", "ErrorResponse") => {
                let Failure::<GrantFailure> { message, .. } = from_value(payload)?;
                Self::GrantFailed { message }
            }
            ("Alexa.DoorbellEventSource", "DoorbellPress") => {
                let Press { cause, timestamp } = from_value(payload)?;
                Self::DoorbellPress { cause: cause.r#type, timestamp }
            }
            _ => return Err(serde_json::Error::custom(format!("porch does not say {namespace} {name}"))),
        })
    }
}

impl Scope {
    fn of(token: BearerToken) -> Self {
        Self { r#type: ScopeType::BearerToken, token }
    }
}

fn token_of(scope: Option<Scope>) -> serde_json::Result<BearerToken> {
    scope.map(|scope| scope.token).ok_or_else(|| serde_json::Error::custom("there is no scope"))
}

impl PropertyState {
    fn of(property: Property) -> Self {
        Self {
            namespace: PropertyNamespace::EndpointHealth,
            name: PropertyName::Connectivity,
            value: ConnectivityValue { value: property.connectivity },
            time_of_sample: property.time_of_sample,
            uncertainty_in_milliseconds: property.uncertainty_in_milliseconds,
        }
    }
}

impl From<PropertyState> for Property {
    fn from(state: PropertyState) -> Self {
        Self {
            connectivity: state.value.value,
            time_of_sample: state.time_of_sample,
            uncertainty_in_milliseconds: state.uncertainty_in_milliseconds,
        }
    }
}
