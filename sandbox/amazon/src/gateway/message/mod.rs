//! The messages that porch sends, each as strict as Amazon's schema has it.
//!
//! Where the schema says `additionalProperties: false`, an unknown key is refused; elsewhere it is let through.
//! `DeleteReport` is not in the schema: its shape is that of Amazon's page and of the clients in the field.

mod change;
mod discovery;
mod doorbell;
mod part;
mod property;

use serde_json::Value;

use super::GatewayError;
use part::{Part, Wrong};

/// The most endpoints that one message may have.
const MOST_ENDPOINTS: usize = 300;
const CHARACTERS_OF_IDS: &str = "_-=#;:?@&";

/// What the gateway needs of a message whose shape is right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    /// The token of its scope.
    pub(super) token: &'a str,
    /// Where that token is, as a JSON pointer.
    pub(super) place_of_token: &'static str,
}

impl<'a> Message<'a> {
    /// Checks the shape.
    pub(super) fn read(value: &'a Value) -> Result<Self, GatewayError> {
        let endpoints = value["event"]["payload"]["endpoints"].as_array();
        if endpoints.is_some_and(|endpoints| endpoints.len() > MOST_ENDPOINTS) {
            return Err(GatewayError::RequestEntityTooLarge);
        }
        check(&Part::of(value)).map_err(GatewayError::InvalidRequest)
    }

    /// A message about an endpoint, which carries the scope.
    fn of_endpoint(event: &Part<'a>) -> Result<Self, Wrong> {
        let endpoint = event.need("endpoint")?;
        check_endpoint_id(&endpoint.need("endpointId")?)?;
        let token = scope(&endpoint)?;
        Ok(Self { token, place_of_token: "/event/endpoint/scope/token" })
    }

    /// A message about discovery: there is no endpoint, and the payload carries the scope.
    fn of_discovery(payload: &Part<'a>) -> Result<Self, Wrong> {
        Ok(Self { token: scope(payload)?, place_of_token: "/event/payload/scope/token" })
    }
}

fn check<'a>(message: &Part<'a>) -> Result<Message<'a>, Wrong> {
    let event = message.need("event")?;
    let header = event.need("header")?;
    let namespace = header.need("namespace")?.text(256)?;
    let name = header.need("name")?.text(256)?;
    check_header(&header)?;
    match (namespace, name) {
        ("Alexa.DoorbellEventSource", "DoorbellPress") => doorbell::check(message, &event),
        ("Alexa", "ChangeReport") => change::check(message, &event),
        ("Alexa.Discovery", "AddOrUpdateReport") => discovery::check_added(message, &event),
        ("Alexa.Discovery", "DeleteReport") => discovery::check_deleted(message, &event),
        _ => Err(header.wrong("is of no message that a skill sends by itself")),
    }
}

fn check_header(header: &Part<'_>) -> Result<(), Wrong> {
    header.only(&["namespace", "name", "payloadVersion", "messageId", "correlationToken"])?;
    header.need("payloadVersion")?.one_of(&["3"])?;
    let id = header.need("messageId")?;
    id.made_of(id.text(127)?, "-")?;
    if let Some(token) = header.find("correlationToken")? {
        token.text(usize::MAX)?;
    }
    Ok(())
}

fn check_endpoint_id(id: &Part<'_>) -> Result<(), Wrong> {
    id.made_of(id.text(256)?, CHARACTERS_OF_IDS)
}

fn check_cause(cause: &Part<'_>, types: &[&str]) -> Result<(), Wrong> {
    cause.only(&["type"])?;
    cause.need("type")?.one_of(types).map(drop)
}

fn scope<'a>(of: &Part<'a>) -> Result<&'a str, Wrong> {
    let scope = of.need("scope")?;
    scope.need("type")?.one_of(&["BearerToken"])?;
    scope.need("token")?.text(2048)
}
