//! The calls.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::Connect;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::{sleep, timeout_at};
use url::Url;

use crate::credentials::{AccessToken, Credentials};
use crate::error::{ApiError, Call};
use crate::key::{KeyRequest, MintedKey};

/// Longest time for one try of a call.
const LIMIT: Duration = Duration::from_secs(5);

/// Most bytes taken of an answer; a key's has about 500.
const ANSWER_LIMIT: usize = 64 * 1024;

/// The longest pause before the second try, and the third; there is no fourth.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// How long to pause, at most as long as it is told: anything else between nothing and that keeps many clients from
/// coming back at once.
pub type Jitter = fn(Duration) -> Duration;

/// The API, reached by connector `C`. The client must not follow redirects; hyper's own does not.
#[derive(Clone, Debug)]
pub struct Api<C> {
    client: Client<C, Full<Bytes>>,
    base: Url,
    jitter: Jitter,
}

impl<C: Connect + Clone + Send + Sync + 'static> Api<C> {
    /// The API at `base`, `https://api.tailscale.com` but for tests.
    pub fn new(client: Client<C, Full<Bytes>>, base: Url, jitter: Jitter) -> Self {
        Self { client, base, jitter }
    }

    /// Makes a key, owned by the tailnet of the client that `credentials` are of.
    ///
    /// # Errors
    /// See [`ApiError`]. What is passing was tried three times before, as far as `deadline` lets.
    pub async fn mint(
        &self,
        credentials: &Credentials,
        key: &KeyRequest,
        deadline: Instant,
    ) -> Result<MintedKey, ApiError> {
        let token = self.access_token(credentials, deadline).await?;
        let call = Call::Key;
        let authorization = token.authorization().ok_or(ApiError::Malformed { call: Call::AccessToken })?;
        let body = key.body().to_string();
        let mut request = self.post(call, "/api/v2/tailnet/-/keys", "application/json", body)?;
        request.headers_mut().insert(header::AUTHORIZATION, authorization);
        let answer = self.exchange(call, &request, deadline).await?;
        MintedKey::read(&answer).ok_or(ApiError::Malformed { call })
    }

    /// Asks whether a client is who it says it is, and makes nothing.
    ///
    /// # Errors
    /// See [`Api::mint`].
    pub async fn prove(&self, credentials: &Credentials, deadline: Instant) -> Result<(), ApiError> {
        self.access_token(credentials, deadline).await.map(drop)
    }

    async fn access_token(
        &self,
        credentials: &Credentials,
        deadline: Instant,
    ) -> Result<AccessToken, ApiError> {
        #[derive(Deserialize)]
        struct Answer {
            access_token: SecretString,
        }
        let call = Call::AccessToken;
        let form = "application/x-www-form-urlencoded";
        let request = self.post(call, credentials.path(), form, credentials.form())?;
        let answer = self.exchange(call, &request, deadline).await?;
        let answer: Answer = serde_json::from_slice(&answer).map_err(|_| ApiError::Malformed { call })?;
        Ok(AccessToken::new(answer.access_token))
    }

    fn post(
        &self,
        call: Call,
        path: &str,
        content_type: &'static str,
        body: String,
    ) -> Result<Request<Full<Bytes>>, ApiError> {
        let uri = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(header::CONTENT_TYPE, HeaderValue::from_static(content_type))
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .body(Full::from(body))
            .map_err(|error| ApiError::Unreachable { call, source: error.into() })
    }

    /// Sends the request until there is an answer that does not pass, and reads it whole.
    async fn exchange(
        &self,
        call: Call,
        request: &Request<Full<Bytes>>,
        deadline: Instant,
    ) -> Result<Bytes, ApiError> {
        for longest in PAUSES {
            match self.try_once(call, request.clone(), deadline).await {
                Err(error) if error.is_passing() => {
                    let pause = (self.jitter)(longest);
                    if Instant::now() + pause >= deadline {
                        return Err(error);
                    }
                    sleep(pause).await;
                }
                settled => return settled,
            }
        }
        self.try_once(call, request.clone(), deadline).await
    }

    async fn try_once(
        &self,
        call: Call,
        request: Request<Full<Bytes>>,
        deadline: Instant,
    ) -> Result<Bytes, ApiError> {
        let until = deadline.min(Instant::now() + LIMIT);
        let (status, body) = timeout_at(until.into(), self.send(call, request))
            .await
            .map_err(|_| ApiError::Late { call })??;
        if status.is_success() { Ok(body) } else { Err(ApiError::from_status(call, status, &body)) }
    }

    async fn send(&self, call: Call, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), ApiError> {
        let response = self.client.request(request).await.map_err(|error| {
            let connecting = error.is_connect();
            let source = error.into();
            if connecting {
                ApiError::Unreachable { call, source }
            } else {
                ApiError::Broken { call, source }
            }
        })?;
        let status = response.status();
        match Limited::new(response.into_body(), ANSWER_LIMIT).collect().await {
            Ok(body) => Ok((status, body.to_bytes())),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(ApiError::Malformed { call }),
            Err(source) => Err(ApiError::Broken { call, source }),
        }
    }
}
