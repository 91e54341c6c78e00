//! A request and its whole answer.

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::rt::TokioExecutor;
use tower_service::Service;

/// A client that keeps its connections, made by connector `C`.
pub type Client<C> = legacy::Client<C, Full<Bytes>>;

/// `connector` for http and https.
#[must_use]
pub fn https<C: Service<Uri>>(connector: C, tls: rustls::ClientConfig) -> HttpsConnector<C> {
    let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
    https.wrap_connector(connector)
}

/// A client of its own pool.
#[must_use]
pub fn client<C: Connect + Clone>(connector: C) -> Client<C> {
    legacy::Client::builder(TokioExecutor::new()).build(connector)
}

/// Sends `request` and reads the whole answer, if it has at most `limit` bytes. Whoever calls brings the deadline.
///
/// # Errors
/// See [`ExchangeError`].
pub async fn exchange<C>(
    client: &Client<C>,
    request: Request<Full<Bytes>>,
    limit: usize,
) -> Result<(StatusCode, Bytes), ExchangeError>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let answer = answer(client, request, limit).await?;
    Ok((answer.status(), answer.into_body()))
}

/// The same, with the answer's headers.
pub(crate) async fn answer<C>(
    client: &Client<C>,
    request: Request<Full<Bytes>>,
    limit: usize,
) -> Result<Response<Bytes>, ExchangeError>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let (head, body) = client.request(request).await.map_err(ExchangeError::Request)?.into_parts();
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(ExchangeError::Oversized),
        Err(error) => Err(ExchangeError::Body(error)),
    }
}

/// Why there is no whole answer.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No connection, or it broke before the answer began.
    #[error(transparent)]
    Request(legacy::Error),
    /// The connection broke within the answer.
    #[error("the connection broke within the answer")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is too long.
    #[error("the answer is too long")]
    Oversized,
}
