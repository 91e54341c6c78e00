//! `POST /auth/o2/token`: a code or a refresh token for tokens.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, HeaderName, PRAGMA};
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::error::CONTENT_TYPE;
use super::parameters::Parameters;
use super::{LwaError, Presented};
use crate::reply::{self, Answer};
use crate::world::{Code, Given, TOKEN_LIFETIME, World};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// Answers a request for tokens.
pub fn token(world: &mut World, request: &Request<Bytes>, now: SystemTime) -> Answer {
    let mut answer = match exchange(world, request, now) {
        Ok(given) => Answer::granted(tokens(&given)),
        Err(error) => error.answer(),
    };
    let headers = answer.response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    if let Ok(id) = HeaderValue::from_str(&world.message_id()) {
        headers.insert(REQUEST_ID, id);
    }
    answer
}

fn exchange(world: &mut World, request: &Request<Bytes>, now: SystemTime) -> Result<Given, LwaError> {
    let mut parameters = Parameters::read(request)?;
    let grant_type = parameters.take("grant_type", "grant_type is absent")?;
    let client_id = parameters.take("client_id", "client_id is absent")?;
    let client_secret = parameters.take("client_secret", "client_secret is absent")?;
    match grant_type.as_str() {
        "authorization_code" => {
            let code = parameters.take("code", "code is absent")?;
            let redirect_uri = parameters.take_if_there("redirect_uri");
            let verifier = parameters.take_if_there("code_verifier");
            parameters.end()?;
            // A code that was presented is used up, whoever presented it.
            let code = world.use_up_code(&code, now);
            authenticate(world, &client_id, &client_secret)?;
            let is_right = |code: &Code| {
                code.grant.client_id == client_id
                    && code.redirect_uri == redirect_uri
                    && code.code_challenge == verifier.as_deref().map(challenge)
            };
            let code = code.filter(is_right).ok_or(LwaError::InvalidGrant(Presented::Code))?;
            Ok(world.give_tokens(code.grant, now))
        }
        "refresh_token" => {
            let refresh_token = parameters.take("refresh_token", "refresh_token is absent")?;
            parameters.end()?;
            authenticate(world, &client_id, &client_secret)?;
            let given = world.refresh(&refresh_token, &client_id, now);
            given.ok_or(LwaError::InvalidGrant(Presented::RefreshToken))
        }
        _ => Err(LwaError::UnsupportedGrantType),
    }
}

fn authenticate(world: &World, client_id: &str, client_secret: &str) -> Result<(), LwaError> {
    match world.client_secret(client_id) {
        Some(secret) if secret.expose() == client_secret => Ok(()),
        Some(_) | None => Err(LwaError::InvalidClient),
    }
}

/// The challenge of PKCE's S256 for a verifier (RFC 7636, 4.2).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

fn tokens(given: &Given) -> Response<Bytes> {
    let mut body = json!({
        "access_token": given.access_token.expose(),
        "token_type": "bearer",
        "expires_in": TOKEN_LIFETIME.as_secs(),
    });
    if let Some(refresh_token) = &given.refresh_token {
        body["refresh_token"] = json!(refresh_token.expose());
    }
    reply::json(StatusCode::OK, CONTENT_TYPE, &body)
}
