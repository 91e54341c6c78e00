//! `GET /user/profile`: who the customer is, as far as the token's scope goes.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use serde_json::json;
use url::form_urlencoded;

use super::LwaError;
use super::error::CONTENT_TYPE;
use crate::reply::{self, Answer};
use crate::world::World;

const OWN_HEADER: &str = "x-amz-access-token";

/// Answers a request for the profile.
pub fn profile(world: &mut World, request: &Request<Bytes>, now: SystemTime) -> Answer {
    match ask(world, request, now) {
        Ok(body) => Answer::granted(reply::json(StatusCode::OK, CONTENT_TYPE, &body)),
        Err(error) => error.answer(),
    }
}

fn ask(world: &World, request: &Request<Bytes>, now: SystemTime) -> Result<serde_json::Value, LwaError> {
    let token = access_token(request)?;
    let grant = world.grant(&token, now).ok_or(LwaError::InvalidToken)?;
    let customer = world.customers.get(&grant.customer).ok_or(LwaError::InvalidToken)?;
    let has = |scope: &str| grant.scopes.iter().any(|granted| granted == scope);
    let mut body = json!({"user_id": customer.user_id});
    if has("profile") {
        body["name"] = json!(customer.full_name);
        body["email"] = json!(customer.email);
    }
    if has("postal_code") {
        body["postal_code"] = json!(customer.postal_code);
    }
    if has("profile") || has("profile:user_id") || has("postal_code") {
        Ok(body)
    } else {
        Err(LwaError::InsufficientScope)
    }
}

/// The token, from one of the three documented places.
fn access_token(request: &Request<Bytes>) -> Result<String, LwaError> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let query = request.uri().query().unwrap_or_default();
    let in_query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let in_query = match in_query.as_slice() {
        [] => None,
        [(name, token)] if name == "access_token" => Some(token.clone()),
        _ => return Err(LwaError::InvalidRequest("the query has more than one access_token")),
    };
    let bearer =
        header(AUTHORIZATION.as_str()).map(|value| value.strip_prefix("Bearer ").unwrap_or_default());
    let found: Vec<String> = [bearer.map(str::to_owned), header(OWN_HEADER).map(str::to_owned), in_query]
        .into_iter()
        .flatten()
        .collect();
    match <[String; 1]>::try_from(found) {
        Ok([token]) => Ok(token),
        Err(_) => Err(LwaError::InvalidRequest("there is not exactly one access token")),
    }
}
