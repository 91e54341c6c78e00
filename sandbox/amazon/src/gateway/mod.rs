//! The Alexa event gateway: `POST /v3/events`, one gateway for each region.
//!
//! Source: developer.amazon.com, "Send events to the Alexa event gateway", and Amazon's message schema
//! (alexa/alexa-smarthome, `validation_schemas`). Status and code of each error are in [`GatewayError`]; the statuses
//! 404 and 413 follow from the codes' names, the others were seen. In which order the gateway looks for what is wrong is
//! not documented: here it is size, headers, token, message, account.

mod error;
mod message;

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};

pub use error::GatewayError;
use message::Message;

use crate::host::{Region, Service};
use crate::record::{Accepted, Record, written};
use crate::reply::{Answer, empty};
use crate::world::{EVENTS, Grant, Permission, World};

/// The most that one message may have, in bytes.
pub const LARGEST_MESSAGE: usize = 256 * 1024;

/// Answers an event: 202 without a body, or the error that Amazon documents for what is wrong with it.
pub fn events(
    world: &mut World,
    record: &mut Record,
    service: Service,
    request: &Request<Bytes>,
    now: SystemTime,
) -> Answer {
    let region = match service {
        Service::GatewayEu => Region::Eu,
        Service::GatewayFe => Region::Fe,
        Service::GatewayNa | Service::LwaToken | Service::LwaProfile | Service::Smapi => Region::Na,
    };
    match accept(world, region, request, now) {
        Ok(accepted) => {
            record.event(accepted);
            Answer::granted(empty(StatusCode::ACCEPTED))
        }
        Err(error) => error.answer(world),
    }
}

fn accept(
    world: &World,
    region: Region,
    request: &Request<Bytes>,
    now: SystemTime,
) -> Result<Accepted, GatewayError> {
    if request.body().len() > LARGEST_MESSAGE {
        return Err(GatewayError::RequestEntityTooLarge);
    }
    check_content_type(request.headers())?;
    let token = bearer(request.headers())?;
    let grant = world.grant(token, now).filter(|grant| is_for_events(grant));
    let grant = grant.ok_or(GatewayError::InvalidAccessToken)?;
    let mut value: Value = serde_json::from_slice(request.body())
        .map_err(|error| malformed(&format!("the body is not JSON: {error}")))?;
    let message = Message::read(&value)?;
    if message.token != token {
        return Err(malformed("the token of the scope is not that of the header"));
    }
    let place_of_token = message.place_of_token;
    let skill = check_account(world, region, grant)?.to_owned();
    if let Some(place) = value.pointer_mut(place_of_token) {
        *place = json!("[REDACTED]");
    }
    Ok(Accepted { at: written(now), region, customer: grant.customer.clone(), skill, message: value })
}

fn malformed(what: &str) -> GatewayError {
    GatewayError::InvalidRequest(what.to_owned())
}

/// A token of Login with Amazon for anything else is as good as none.
fn is_for_events(grant: &Grant) -> bool {
    grant.scopes.iter().any(|scope| scope == EVENTS)
}

fn check_content_type(headers: &HeaderMap) -> Result<(), GatewayError> {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = named.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(malformed("Content-Type is not application/json"))
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, GatewayError> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(GatewayError::InvalidAccessToken)
}

/// Whether the customer's account lets this skill send events here; gives the skill's id.
fn check_account<'a>(world: &'a World, region: Region, grant: &Grant) -> Result<&'a str, GatewayError> {
    let (id, skill) = world.skill_of(&grant.client_id).ok_or(GatewayError::SkillNotFound)?;
    let customer = world.customers.get(&grant.customer).ok_or(GatewayError::AccountNotFound)?;
    let enablement = customer.skills.get(id).filter(|_| customer.region == region);
    let enablement = enablement.ok_or(GatewayError::SkillNeverEnabled)?;
    if !enablement.enabled {
        return Err(GatewayError::SkillDisabled);
    }
    if !enablement.may_send_events || !skill.permissions.contains(&Permission::SendEvents) {
        return Err(GatewayError::InsufficientPermission);
    }
    Ok(id)
}
