//! The calls (developer.amazon.com, "Access Token Request", "Authenticate a customer to Alexa with permissions").

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::Full;
use http_client::Internet;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::error::LwaError;
use super::tokens::{RefreshToken, TokenAnswer, Tokens, UserId};
use crate::token::BearerToken;

/// Longest time for a call; three of them, with what else an AcceptGrant needs, fit into its 8 s.
const LIMIT: Duration = Duration::from_secs(2);

/// Most bytes taken of an answer: two tokens of 2 KB, and some.
const ANSWER_LIMIT: usize = 32 * 1024;

/// Login with Amazon, for one client.
#[derive(Clone, Debug)]
pub struct Lwa {
    internet: Internet,
    base: Uri,
    client_id: String,
    client_secret: ClientSecret,
}

/// The secret of a client: for grants, that of the skill's Permissions page, not of a security profile.
#[derive(Clone, Debug, Deserialize)]
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// Takes a secret as it was given.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self(secret.into())
    }
}

impl Lwa {
    /// Where it is.
    pub const URL: &'static str = "https://api.amazon.com";

    /// The client that is known by this id and secret, at [`Lwa::URL`] or where `base` says.
    #[must_use]
    pub fn new(internet: Internet, base: Uri, client_id: String, client_secret: ClientSecret) -> Self {
        Self { internet, base, client_id, client_secret }
    }

    /// The tokens for a code, which is used up by this, whatever comes of it. There is no redirect URI, since no browser
    /// got the code.
    ///
    /// # Errors
    /// See [`LwaError`].
    pub async fn exchange(&self, code: &SecretString, now: SystemTime) -> Result<Tokens, LwaError> {
        let grant = [("grant_type", "authorization_code"), ("code", code.expose_secret())];
        self.tokens(&grant, now).await
    }

    /// The same for a code that a browser brought to `redirect_uri`, as the login was asked to.
    ///
    /// # Errors
    /// See [`LwaError`].
    pub async fn exchange_redirected(
        &self,
        code: &SecretString,
        redirect_uri: &str,
        now: SystemTime,
    ) -> Result<Tokens, LwaError> {
        let code = code.expose_secret();
        let grant = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
        self.tokens(&grant, now).await
    }

    /// New tokens for a refresh token. Without a new refresh token in the answer, the old one stays.
    ///
    /// # Errors
    /// See [`LwaError`].
    pub async fn refresh(&self, token: &RefreshToken, now: SystemTime) -> Result<Tokens, LwaError> {
        let grant = [("grant_type", "refresh_token"), ("refresh_token", token.expose())];
        self.tokens(&grant, now).await
    }

    /// Who the access token is of.
    ///
    /// # Errors
    /// See [`LwaError`].
    pub async fn profile(&self, access_token: &BearerToken) -> Result<UserId, LwaError> {
        #[derive(Deserialize)]
        struct Profile {
            user_id: UserId,
        }
        let authorization = access_token.authorization().ok_or(LwaError::UnusableToken)?;
        let request = Request::get(self.at("/user/profile"))
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .header(header::AUTHORIZATION, authorization)
            .body(Full::default());
        let answer = self.answer(request).await?;
        let profile: Profile = serde_json::from_slice(&answer).map_err(|_| LwaError::Malformed)?;
        Ok(profile.user_id)
    }

    async fn tokens(&self, grant: &[(&str, &str)], now: SystemTime) -> Result<Tokens, LwaError> {
        let form = Serializer::new(String::new())
            .extend_pairs(grant)
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.0.expose_secret())
            .finish();
        let content_type = "application/x-www-form-urlencoded;charset=UTF-8";
        let request = Request::post(self.at("/auth/o2/token"))
            .header(header::CONTENT_TYPE, HeaderValue::from_static(content_type))
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .body(Full::from(form));
        let answer = self.answer(request).await?;
        let answer: TokenAnswer = serde_json::from_slice(&answer).map_err(|_| LwaError::Malformed)?;
        Ok(answer.tokens(now))
    }

    async fn answer(&self, request: http::Result<Request<Full<Bytes>>>) -> Result<Bytes, LwaError> {
        let request = request.map_err(|_| LwaError::UnusableToken)?;
        let (status, body) = self.internet.exchange(request, ANSWER_LIMIT, LIMIT).await?;
        if status == StatusCode::OK { Ok(body) } else { Err(LwaError::refused(status, &body)) }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base.to_string().trim_end_matches('/'))
    }
}
