//! What the sandbox's driver may do to the world, on a port of its own. Bodies are JSON, and a wrong one changes nothing.
//!
//! | request | effect |
//! |---|---|
//! | `PUT /skills/{id}` [`Skill`] | a skill and its messaging client |
//! | `DELETE /skills/{id}` | its tokens belong to no skill any more |
//! | `PUT /security-profiles/{client id}` [`SecurityProfile`] | a client for "Login with Amazon" |
//! | `PUT /customers/{name}` `{"region"}` | a customer; gives `{"user_id"}` |
//! | `DELETE /customers/{name}` | the account is gone, its tokens are not |
//! | `PUT /customers/{name}/skills/{id}` [`Enablement`] | enabled or disabled |
//! | `DELETE /customers/{name}/skills/{id}` | as if it had never been enabled |
//! | `POST /customers/{name}/skills/{id}/code` | gives `{"code"}`, as an `AcceptGrant` brings it |
//! | `POST /customers/{name}/security-profiles/{client id}/code` [`Consent`] | gives `{"code"}`, as a browser brings it |
//! | `POST /customers/{name}/revoke` `{"client_id"?}` | takes back what was allowed to that client, or to all |
//! | `POST /access-tokens/expire` | every access token is worth nothing any more |
//! | `PUT /clock` `{"ahead_s"}` | how far the fake's clock is ahead |
//! | `PUT /vendors/{id}` [`Vendor`] | a vendor, for whom a customer makes skills as a developer |
//! | `PUT /smapi` [`Behaviour`] | how the Skill Management API behaves where Amazon's ways are not known for sure |
//! | `PUT /refresh-tokens` `{"refreshed"}` [`Refreshed`] | what a refresh does with the refresh token |
//! | `POST /script` a list of [`Line`] | what the next requests are told |
//! | `DELETE /script` | they are told the truth again |
//! | `GET /requests`, `GET /events` | what is in the [record](crate::record) |
//! | `DELETE /record` | it begins anew |
//! | `GET /healthz` | `ok` |

use std::time::SystemTime;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use smapi::fake::Behaviour;

use crate::amazon::Amazon;
use crate::host::Region;
use crate::reply;
use crate::script::{Line, WrongScript};
use crate::world::{
    CODE_LIFETIME, Code, Customer, EVENTS, Enablement, Grant, Refreshed, SecurityProfile, Skill, World,
};

/// Whose a vendor is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// The name that it shows.
    pub name: String,
    /// The customer who acts for it.
    pub owner: String,
}

/// What a customer consents to in a browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Scopes, with a space in between.
    pub scope: String,
    /// Where the browser goes with the code: one of the client's return URLs.
    pub redirect_uri: String,
    /// The PKCE challenge (S256), if the client uses it.
    pub code_challenge: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCustomer {
    region: Region,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocation {
    client_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockAhead {
    ahead_s: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshMode {
    refreshed: Refreshed,
}

/// Why a request of the driver has no effect.
#[derive(Debug, thiserror::Error)]
enum ControlError {
    #[error("no such request; src/control.rs has the list")]
    Unknown,
    #[error("there is no {0} of that name")]
    Absent(&'static str),
    #[error("the body is not what this request takes: {0}")]
    Body(#[source] serde_json::Error),
    #[error("the redirect_uri is none of the client's return URLs")]
    ReturnUrl,
    #[error(transparent)]
    Script(#[from] WrongScript),
}

/// Answers a request of the driver. `now` is the machine's time.
pub fn answer(amazon: &mut Amazon, request: &Request<Bytes>, now: SystemTime) -> Response<Bytes> {
    let (status, body) = match change(amazon, request, now) {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (error.status(), json!({"message": error.to_string()})),
    };
    reply::json(status, "application/json", &body)
}

fn change(amazon: &mut Amazon, request: &Request<Bytes>, now: SystemTime) -> Result<Value, ControlError> {
    let path: Vec<&str> = request.uri().path().trim_start_matches('/').split('/').collect();
    match (request.method(), path.as_slice()) {
        (&Method::GET, ["healthz"]) => Ok(json!("ok")),
        (&Method::GET, ["requests"]) => Ok(json!(amazon.record.requests())),
        (&Method::GET, ["events"]) => Ok(json!(amazon.record.events())),
        (&Method::DELETE, ["record"]) => {
            amazon.record.clear();
            done()
        }
        (&Method::POST, ["script"]) => {
            let lines: Vec<Line> = read(request)?;
            amazon.script.add(lines)?;
            done()
        }
        (&Method::DELETE, ["script"]) => {
            amazon.script.clear();
            done()
        }
        (_, path) => change_world(&mut amazon.world, path, request, now),
    }
}

fn change_world(
    world: &mut World,
    path: &[&str],
    request: &Request<Bytes>,
    now: SystemTime,
) -> Result<Value, ControlError> {
    match (request.method(), path) {
        (&Method::PUT, ["skills", id]) => {
            let skill: Skill = read(request)?;
            world.skills.insert((*id).to_owned(), skill);
            done()
        }
        (&Method::DELETE, ["skills", id]) => {
            world.skills.remove(*id);
            done()
        }
        (&Method::PUT, ["security-profiles", id]) => {
            let profile: SecurityProfile = read(request)?;
            world.profiles.insert((*id).to_owned(), profile);
            done()
        }
        (&Method::PUT, ["vendors", id]) => {
            let Vendor { name, owner } = read(request)?;
            customer(world, &owner)?;
            world.smapi.know_vendor(id, &name, &owner);
            done()
        }
        (&Method::PUT, ["smapi"]) => {
            world.smapi.behaviour = read::<Behaviour>(request)?;
            done()
        }
        (&Method::PUT, ["customers", name]) => {
            let NewCustomer { region } = read(request)?;
            Ok(json!({"user_id": world.customer(name, region)}))
        }
        (&Method::DELETE, ["customers", name]) => {
            world.customers.remove(*name);
            done()
        }
        (&Method::POST, ["access-tokens", "expire"]) => {
            world.expire_access_tokens();
            done()
        }
        (&Method::PUT, ["clock"]) => {
            let ClockAhead { ahead_s } = read(request)?;
            world.ahead_s = u64::from(ahead_s);
            done()
        }
        (&Method::PUT, ["refresh-tokens"]) => {
            let RefreshMode { refreshed } = read(request)?;
            world.refreshed = refreshed;
            done()
        }
        (_, ["customers", name, rest @ ..]) => change_customer(world, name, rest, request, now),
        _ => Err(ControlError::Unknown),
    }
}

fn change_customer(
    world: &mut World,
    name: &str,
    path: &[&str],
    request: &Request<Bytes>,
    now: SystemTime,
) -> Result<Value, ControlError> {
    let expires = world.time(now) + CODE_LIFETIME;
    let grant = |client_id: &str, scope: &str| Grant {
        customer: name.to_owned(),
        client_id: client_id.to_owned(),
        scopes: scope.split(' ').map(str::to_owned).collect(),
    };
    match (request.method(), path) {
        (&Method::PUT, ["skills", id]) => {
            let enablement: Enablement = read(request)?;
            skill(world, id)?;
            customer(world, name)?.skills.insert((*id).to_owned(), enablement);
            done()
        }
        (&Method::DELETE, ["skills", id]) => {
            customer(world, name)?.skills.remove(*id);
            done()
        }
        (&Method::POST, ["skills", id, "code"]) => {
            customer(world, name)?;
            let grant = grant(&skill(world, id)?.client_id, EVENTS);
            let code = Code { grant, redirect_uri: None, code_challenge: None, expires };
            Ok(json!({"code": world.give_code(code).expose()}))
        }
        (&Method::POST, ["security-profiles", id, "code"]) => {
            customer(world, name)?;
            let Consent { scope, redirect_uri, code_challenge } = read(request)?;
            let profile = world.profiles.get(*id).ok_or(ControlError::Absent("security profile"))?;
            if !profile.return_urls.contains(&redirect_uri) {
                return Err(ControlError::ReturnUrl);
            }
            let (grant, redirect_uri) = (grant(id, &scope), Some(redirect_uri));
            Ok(
                json!({"code": world.give_code(Code { grant, redirect_uri, code_challenge, expires }).expose()}),
            )
        }
        (&Method::POST, ["revoke"]) => {
            let Revocation { client_id } = read(request)?;
            customer(world, name)?;
            world.revoke(name, client_id.as_deref());
            done()
        }
        _ => Err(ControlError::Unknown),
    }
}

fn customer<'a>(world: &'a mut World, name: &str) -> Result<&'a mut Customer, ControlError> {
    world.customers.get_mut(name).ok_or(ControlError::Absent("customer"))
}

fn skill<'a>(world: &'a World, id: &str) -> Result<&'a Skill, ControlError> {
    world.skills.get(id).ok_or(ControlError::Absent("skill"))
}

fn read<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, ControlError> {
    serde_json::from_slice(request.body()).map_err(ControlError::Body)
}

/// There is nothing to tell about what was done.
fn done() -> Result<Value, ControlError> {
    Ok(json!({}))
}

impl ControlError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unknown | Self::Absent(_) => StatusCode::NOT_FOUND,
            Self::Body(_) | Self::ReturnUrl | Self::Script(_) => StatusCode::BAD_REQUEST,
        }
    }
}
