//! LocalAPI: HTTP on the Unix socket of a `tailscaled`, the calls of it that are used here.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::backend::Notify;
use crate::netmap::Netmap;

/// The name under which `tailscaled` answers on its socket; any other is refused as a stranger's web page.
const HOST: &str = "local-tailscaled.sock";

/// Longest time one call may take. A name that must be asked of a server in the tailnet is given up after 5 s.
const CALL_LIMIT: Duration = Duration::from_secs(6);

/// Most bytes taken of an answer, or of one message of the watch stream.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// A client of one `tailscaled`. Cheap to clone; each call has a connection of its own.
#[derive(Clone, Debug)]
pub struct LocalApi {
    socket: PathBuf,
}

impl LocalApi {
    /// A client of the `tailscaled` that listens, or will listen, on `socket`.
    #[must_use]
    pub fn new(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// Subscribes to changes of the backend's state and health. The first message is the present state.
    ///
    /// # Errors
    /// When `tailscaled` does not listen or refuses. It answers only once it has taken its auth key.
    pub async fn watch(&self) -> Result<Watch, LocalApiError> {
        // NotifyInitialState and NotifyInitialHealthState (tailscale's ipn/backend.go).
        let response = self.request(Method::GET, "watch-ipn-bus?mask=130", Bytes::new()).await?;
        Ok(Watch { body: response.into_body(), pending: BytesMut::new() })
    }

    /// Asks the resolver of the tailnet, which knows node names, extra records and split-DNS zones.
    ///
    /// `record` is `A` or `AAAA`. Returns the answer as a DNS message (RFC 1035).
    ///
    /// # Errors
    /// When `tailscaled` does not answer in time, refuses, or has no resolver.
    pub async fn dns_query(&self, name: &str, record: &str) -> Result<Vec<u8>, LocalApiError> {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("name", name)
            .append_pair("type", record)
            .finish();
        let answer = self.call(Method::GET, &format!("dns-query?{query}"), Bytes::new()).await?;
        let answer: DnsAnswer = serde_json::from_slice(&answer).map_err(|_| LocalApiError::Malformed)?;
        STANDARD.decode(answer.bytes).map_err(|_| LocalApiError::Malformed)
    }

    /// Who else is in the tailnet.
    ///
    /// # Errors
    /// When `tailscaled` does not answer in time or refuses.
    pub async fn netmap(&self) -> Result<Netmap, LocalApiError> {
        let status = self.call(Method::GET, "status", Bytes::new()).await?;
        Netmap::read(&status).map_err(|_| LocalApiError::Malformed)
    }

    /// Sets the preference `WantRunning`: whether the node takes part in its tailnet.
    ///
    /// # Errors
    /// When `tailscaled` does not answer in time or refuses.
    pub async fn want_running(&self, want: bool) -> Result<(), LocalApiError> {
        let prefs = format!(r#"{{"WantRunning":{want},"WantRunningSet":true}}"#);
        self.call(Method::PATCH, "prefs", prefs.into()).await.map(drop)
    }

    /// Tells the control server that this node is gone.
    ///
    /// # Errors
    /// When `tailscaled` does not answer in time or refuses.
    pub async fn logout(&self) -> Result<(), LocalApiError> {
        self.call(Method::POST, "logout", Bytes::new()).await.map(drop)
    }

    async fn call(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, LocalApiError> {
        let exchange = async {
            let response = self.request(method, path, body).await?;
            let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
            Ok(body.map_err(|_| LocalApiError::Malformed)?.to_bytes())
        };
        timeout(CALL_LIMIT, exchange).await.map_err(|_| LocalApiError::Late)?
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Response<Incoming>, LocalApiError> {
        let stream = UnixStream::connect(&self.socket).await.map_err(LocalApiError::Connect)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // Ends with the sender and the answer's body, both of which the caller owns.
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(format!("/localapi/v0/{path}"))
            .header(header::HOST, HOST)
            .body(Full::new(body))
            .map_err(|_| LocalApiError::Malformed)?;
        let response = sender.send_request(request).await?;
        match response.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(response),
            status => Err(LocalApiError::Refused { status, text: text_of(response).await }),
        }
    }
}

/// The beginning of an error page, for people to read.
async fn text_of(response: Response<Incoming>) -> String {
    const READABLE: usize = 512;
    match timeout(CALL_LIMIT, Limited::new(response.into_body(), READABLE).collect()).await {
        Ok(Ok(body)) => String::from_utf8_lossy(&body.to_bytes()).trim().to_owned(),
        Ok(Err(_)) | Err(_) => String::new(),
    }
}

/// A subscription to the backend's messages.
#[derive(Debug)]
pub struct Watch {
    body: Incoming,
    pending: BytesMut,
}

impl Watch {
    /// The next message, whenever it comes; `None` at the end of the stream.
    ///
    /// # Errors
    /// When the connection breaks or what comes is not a message.
    pub async fn next(&mut self) -> Result<Option<Notify>, LocalApiError> {
        loop {
            while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line = self.pending.split_to(end + 1);
                if !line.trim_ascii().is_empty() {
                    return serde_json::from_slice(&line).map(Some).map_err(|_| LocalApiError::Malformed);
                }
            }
            match self.body.frame().await {
                Some(frame) => self.pending.extend(frame?.into_data()),
                None => return Ok(None),
            }
            if self.pending.len() > ANSWER_LIMIT {
                return Err(LocalApiError::Malformed);
            }
        }
    }
}

#[derive(Deserialize)]
struct DnsAnswer {
    #[serde(rename = "Bytes")]
    bytes: String,
}

/// Why LocalAPI did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LocalApiError {
    /// Nobody listens on the socket: `tailscaled` has not got so far, or has ended.
    #[error("tailscaled does not listen on its socket")]
    Connect(#[source] std::io::Error),
    /// The connection broke.
    #[error("the connection to tailscaled broke")]
    Broken(#[from] hyper::Error),
    /// No answer within the limit of a call.
    #[error("tailscaled did not answer within {} s", CALL_LIMIT.as_secs())]
    Late,
    /// `tailscaled` answered with an error.
    #[error("tailscaled answered {status}: {text}")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// What it said about it.
        text: String,
    },
    /// The answer is too long or not what the call answers.
    #[error("tailscaled answered something that is not understood")]
    Malformed,
}
