//! `AddOrUpdateReport` and `DeleteReport`: endpoints that came, changed or went.

use super::part::{Part, Wrong};
use super::{Message, check_endpoint_id};

/// The longest text that describes an endpoint, in characters.
const LONGEST_TEXT: usize = 128;
/// The longest of an endpoint's additional attributes.
const LONGEST_ATTRIBUTE: usize = 256;
const MOST_CAPABILITIES: usize = 100;

pub(super) fn check_added<'a>(message: &Part<'a>, event: &Part<'a>) -> Result<Message<'a>, Wrong> {
    let payload = payload(message, event)?;
    payload.need("endpoints")?.items()?.iter().try_for_each(check_endpoint)?;
    Message::of_discovery(&payload)
}

pub(super) fn check_deleted<'a>(message: &Part<'a>, event: &Part<'a>) -> Result<Message<'a>, Wrong> {
    let payload = payload(message, event)?;
    for endpoint in payload.need("endpoints")?.items()? {
        endpoint.only(&["endpointId"])?;
        check_endpoint_id(&endpoint.need("endpointId")?)?;
    }
    Message::of_discovery(&payload)
}

fn payload<'a>(message: &Part<'a>, event: &Part<'a>) -> Result<Part<'a>, Wrong> {
    message.only(&["event"])?;
    event.only(&["header", "payload"])?;
    let payload = event.need("payload")?;
    payload.only(&["endpoints", "scope"])?;
    Ok(payload)
}

fn check_endpoint(endpoint: &Part<'_>) -> Result<(), Wrong> {
    check_endpoint_id(&endpoint.need("endpointId")?)?;
    for name in ["manufacturerName", "friendlyName", "description"] {
        endpoint.need(name)?.text(LONGEST_TEXT)?;
    }
    // The schema's list is of 2021, and Amazon has added categories since.
    for category in endpoint.need("displayCategories")?.some_items()? {
        category.made_of(category.text(64)?, "_")?;
    }
    let capabilities = endpoint.need("capabilities")?;
    let all = capabilities.some_items()?;
    if all.len() > MOST_CAPABILITIES {
        return Err(capabilities.wrong(&format!("has more than {MOST_CAPABILITIES} items")));
    }
    all.iter().try_for_each(check_capability)?;
    if let Some(cookie) = endpoint.find("cookie")? {
        cookie.texts()?;
    }
    if let Some(connections) = endpoint.find("connections")? {
        connections.items()?.iter().try_for_each(check_connection)?;
    }
    endpoint.find("additionalAttributes")?.map_or(Ok(()), |attributes| check_attributes(&attributes))
}

fn check_capability(capability: &Part<'_>) -> Result<(), Wrong> {
    capability.need("type")?.one_of(&["AlexaInterface"])?;
    let interface = capability.need("interface")?.text(256)?;
    capability.need("version")?.version()?;
    match interface {
        "Alexa.DoorbellEventSource" => {
            // Here and nowhere else the flag stands beside the version, and there are no properties.
            if capability.find("properties")?.is_some() {
                return Err(capability.wrong("has properties, but this interface has none"));
            }
            capability.find("proactivelyReported")?.map_or(Ok(false), |flag| flag.truth()).map(drop)
        }
        "Alexa.EndpointHealth" => {
            let properties = capability.need("properties")?;
            for supported in properties.need("supported")?.some_items()? {
                supported.need("name")?.text(256)?;
            }
            for flag in ["proactivelyReported", "retrievable"] {
                properties.find(flag)?.map_or(Ok(false), |flag| flag.truth())?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn check_connection(connection: &Part<'_>) -> Result<(), Wrong> {
    connection.only(&["type", "macAddress", "homeId", "nodeId", "value"])?;
    connection.need("type")?.one_of(&["TCP_IP", "ZIGBEE", "ZWAVE", "UNKNOWN"]).map(drop)
}

fn check_attributes(attributes: &Part<'_>) -> Result<(), Wrong> {
    let names =
        ["manufacturer", "model", "serialNumber", "firmwareVersion", "softwareVersion", "customIdentifier"];
    attributes.only(&names)?;
    for name in names {
        if let Some(attribute) = attributes.find(name)? {
            attribute.text(LONGEST_ATTRIBUTE)?;
        }
    }
    Ok(())
}
