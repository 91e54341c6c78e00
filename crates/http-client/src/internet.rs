//! The client for what is on the internet.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use crate::authorities::system_authorities;
use crate::exchange::{Client, ExchangeError, answer, https};

/// Longest time for a connection to be there, of all addresses that a name has.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// How long a connection that is not used is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Not at all: a function is frozen between its invocations, and a connection that was kept over that stalls.
    Not,
    /// This long, for a process that always runs.
    For(Duration),
}

/// A client of services on the internet, whose certificates the system's authorities vouch for. Its clones share their
/// connections.
#[derive(Clone, Debug)]
pub struct Internet {
    client: Client<HttpsConnector<HttpConnector>>,
}

impl Internet {
    /// A client of services whose URLs have these schemes. The system's authorities are read only for https.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new<'a>(schemes: impl IntoIterator<Item = &'a str>, kept: Kept) -> Result<Self, rustls::Error> {
        let encrypted = schemes.into_iter().any(|scheme| scheme == "https");
        let authorities = if encrypted { system_authorities() } else { RootCertStore::empty() };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(authorities)
            .with_no_client_auth();
        Ok(Self { client: connected(tls, kept) })
    }

    /// Sends `request` and reads the whole answer, if it has at most `limit` bytes, within `time`.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        limit: usize,
        time: Duration,
    ) -> Result<(StatusCode, Bytes), NoAnswer> {
        exchange_within(&self.client, request, limit, time).await
    }

    /// The same, with the answer's headers.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn answer(
        &self,
        request: Request<Full<Bytes>>,
        limit: usize,
        time: Duration,
    ) -> Result<Response<Bytes>, NoAnswer> {
        answer_within(&self.client, request, limit, time).await
    }

    /// The client itself, for libraries that bring their own limits.
    #[must_use]
    pub fn client(&self) -> Client<HttpsConnector<HttpConnector>> {
        self.client.clone()
    }
}

/// A client that connects directly.
pub(crate) fn connected(tls: ClientConfig, kept: Kept) -> Client<HttpsConnector<HttpConnector>> {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_LIMIT));
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    match kept {
        Kept::Not => builder.pool_max_idle_per_host(0),
        Kept::For(time) => builder.pool_idle_timeout(time),
    };
    builder.build(https(connector, tls))
}

pub(crate) async fn exchange_within(
    client: &Client<HttpsConnector<HttpConnector>>,
    request: Request<Full<Bytes>>,
    limit: usize,
    time: Duration,
) -> Result<(StatusCode, Bytes), NoAnswer> {
    let answer = answer_within(client, request, limit, time).await?;
    Ok((answer.status(), answer.into_body()))
}

async fn answer_within(
    client: &Client<HttpsConnector<HttpConnector>>,
    request: Request<Full<Bytes>>,
    limit: usize,
    time: Duration,
) -> Result<Response<Bytes>, NoAnswer> {
    let answer = timeout(time, answer(client, request, limit)).await;
    answer.map_err(|_| NoAnswer::Late(time))?.map_err(NoAnswer::of)
}

/// Why a service has not answered.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// There is no connection, so that nothing was sent.
    #[error("there is no connection")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    /// The connection broke. What was asked for may have happened.
    #[error("the connection broke before the answer was complete")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
    /// The answer is too long. What was asked for may have happened.
    #[error("the answer is longer than any should be")]
    Oversized,
    /// Time is up. What was asked for may have happened.
    #[error("there was no answer within {} s", .0.as_secs())]
    Late(Duration),
}

impl NoAnswer {
    fn of(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Request(error) if error.is_connect() => Self::Unreachable(error.into()),
            ExchangeError::Request(error) => Self::Broken(error.into()),
            ExchangeError::Body(error) => Self::Broken(error),
            ExchangeError::Oversized => Self::Oversized,
        }
    }
}
