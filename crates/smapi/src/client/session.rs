//! The hour for which Amazon knows the developer.

use std::time::{Duration, SystemTime};

use alexa::lwa::{ClientSecret, Lwa, RefreshToken};
use http::HeaderValue;
use http_client::Internet;
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use crate::access::Access;
use crate::call::Call;
use crate::error::SmapiError;

/// So long before its end a token is not used any more.
const SPARE: Duration = Duration::from_secs(60);

/// An access token, which is got when it is needed.
#[derive(Debug)]
pub(super) struct Session {
    lwa: Lwa,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    refresh_token: RefreshToken,
    kept: Option<Kept>,
}

/// `authorization` is marked as sensitive, so that it is not shown.
#[derive(Debug)]
struct Kept {
    authorization: HeaderValue,
    until: SystemTime,
}

impl Session {
    pub(super) fn new(internet: Internet, access: Access) -> Self {
        let Access { lwa, client_id, client_secret, refresh_token, .. } = access;
        let secret = ClientSecret::new(client_secret.expose_secret());
        let state = State { refresh_token: RefreshToken::new(refresh_token.expose_secret()), kept: None };
        Self { lwa: Lwa::new(internet, lwa, client_id, secret), state: Mutex::new(state) }
    }

    /// The value of the `Authorization` header.
    ///
    /// # Errors
    /// All of them are about [`Call::AccessToken`].
    pub(super) async fn authorization(&self, now: SystemTime) -> Result<HeaderValue, SmapiError> {
        let mut state = self.state.lock().await;
        if let Some(kept) = state.kept.as_ref().filter(|kept| now < kept.until) {
            return Ok(kept.authorization.clone());
        }
        let tokens = self.lwa.refresh(&state.refresh_token, now).await.map_err(SmapiError::of_login)?;
        // The one that was given may be worth nothing after this; nobody but this process needs the new one.
        if let Some(refresh_token) = tokens.refresh_token {
            state.refresh_token = refresh_token;
        }
        let authorization = tokens.access_token.authorization();
        let unusable = SmapiError::Unwritable(Call::AccessToken, "the access token");
        let authorization = authorization.ok_or(unusable)?;
        let until = tokens.expires_at.checked_sub(SPARE).unwrap_or(now);
        state.kept = Some(Kept { authorization: authorization.clone(), until });
        Ok(authorization)
    }

    /// Amazon does not take this one, whatever it said about its end.
    pub(super) async fn forget(&self, authorization: &HeaderValue) {
        let mut state = self.state.lock().await;
        if state.kept.as_ref().is_some_and(|kept| kept.authorization == *authorization) {
            state.kept = None;
        }
    }
}
