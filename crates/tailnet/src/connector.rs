//! Dials through the tailnet, for an HTTP client's pool.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tower_service::Service;

use crate::backend::Backend;
use crate::local_api::{LocalApi, LocalApiError};
use crate::phases::Phases;
use crate::resolver::{ResolveError, resolve};

/// Makes connections to hosts of the tailnet: resolves the name by LocalAPI and dials the address through SOCKS5, so
/// that whoever uses the connection keeps the name, for `Host` and for TLS.
///
/// A dial that stalls is recovered. Sometimes the peer gets WireGuard's first message before it knows a way back, and
/// WireGuard tries again only after 5 s; switching `WantRunning` off and on makes both begin anew at once. Nothing of
/// a request has been sent by then, so nothing is sent twice.
///
/// Notes the phases `name` and `dial`.
#[derive(Clone, Debug)]
pub struct Connector {
    local_api: LocalApi,
    backend: watch::Receiver<Backend>,
    socks: SocketAddr,
    first_dial: Duration,
    phases: Phases,
}

/// Longest times for the second and third dial. The second recovers WireGuard's stall; when the control server has
/// forgotten the node meanwhile, the node learns it by the first recovery, and the third dial goes through.
const LATER_DIALS: [Duration; 2] = [Duration::from_millis(1500), Duration::from_secs(2)];

/// Longest time for the node to leave its tailnet, and to be back; the next dial is tried in any case.
const SWITCHING: Duration = Duration::from_millis(1500);

impl Connector {
    pub(crate) fn new(
        local_api: LocalApi,
        backend: watch::Receiver<Backend>,
        socks: SocketAddr,
        first_dial: Duration,
        phases: Phases,
    ) -> Self {
        Self { local_api, backend, socks, first_dial, phases }
    }

    async fn connect(self, target: Uri) -> Result<TokioIo<TcpStream>, DialError> {
        let host = target.host().ok_or_else(|| DialError::NoHost(target.clone()))?;
        let port = target.port_u16().unwrap_or(if target.scheme_str() == Some("https") { 443 } else { 80 });
        let address = self.phases.time("name", resolve(&self.local_api, host)).await?;
        self.phases.time("dial", self.dial(SocketAddr::new(address, port))).await
    }

    async fn dial(&self, address: SocketAddr) -> Result<TokioIo<TcpStream>, DialError> {
        if let Ok(dialled) = timeout(self.first_dial, self.dial_twice(address)).await {
            return dialled;
        }
        for limit in LATER_DIALS {
            tracing::debug!(%address, "a dial stalled");
            // A task of its own, since whoever waits for it may give up between off and on. It ends by its own limits.
            let recovery = tokio::spawn(recover(self.local_api.clone(), self.backend.clone()));
            if let Ok(Err(error)) = recovery.await {
                return Err(DialError::NotRecovered { address, error });
            }
            if let Ok(dialled) = timeout(limit, self.dial_twice(address)).await {
                return dialled;
            }
        }
        Err(DialError::Stalled(address))
    }

    /// Dials, and once more when that is refused.
    ///
    /// A home node in userspace mode hands a connection on from a local port of its own, and refuses it when it still
    /// has that port in its books for a node that vanished (seen: "netstack: could not register TCP mapping"). The
    /// next dial gets another port.
    async fn dial_twice(&self, address: SocketAddr) -> Result<TokioIo<TcpStream>, DialError> {
        match self.dial_socks(address).await {
            Err(DialError::Refused { .. }) => self.dial_socks(address).await,
            dialled => dialled,
        }
    }

    async fn dial_socks(&self, address: SocketAddr) -> Result<TokioIo<TcpStream>, DialError> {
        let uri = |address: SocketAddr| {
            Uri::builder().scheme("tcp").authority(address.to_string()).path_and_query("/")
        };
        let (Ok(server), Ok(target)) = (uri(self.socks).build(), uri(address).build()) else {
            unreachable!("a socket address is a valid authority");
        };
        let mut to_server = HttpConnector::new();
        to_server.enforce_http(false);
        to_server.set_nodelay(true);
        let dialled = SocksV5::new(server, to_server).call(target).await;
        dialled.map_err(|refusal| DialError::Refused { address, refusal: refusal.to_string() })
    }
}

/// Switches the node off and on, and waits for both to have happened.
async fn recover(local_api: LocalApi, mut backend: watch::Receiver<Backend>) -> Result<(), LocalApiError> {
    local_api.want_running(false).await?;
    let _ = timeout(SWITCHING, backend.wait_for(|state| *state != Backend::Running)).await;
    local_api.want_running(true).await?;
    let _ =
        timeout(SWITCHING, backend.wait_for(|state| *state == Backend::Running || state.is_failed())).await;
    Ok(())
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        Box::pin(self.clone().connect(target))
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The URL has no host.
    #[error("`{0}` has no host")]
    NoHost(Uri),
    /// The name has no address.
    #[error(transparent)]
    Name(#[from] ResolveError),
    /// The address does not answer, or nothing listens on the port; `tailscaled` does not tell which.
    #[error("{address} refused the connection, or cannot be reached through the tailnet ({refusal})")]
    Refused {
        /// The address and port dialled.
        address: SocketAddr,
        /// What the SOCKS server said.
        refusal: String,
    },
    /// Neither an answer nor a refusal, however often.
    #[error("{0} does not answer; is its node online?")]
    Stalled(SocketAddr),
    /// A dial stalled, and the node could not be switched off and on.
    #[error("{address} does not answer, and the stalled dial could not be recovered")]
    NotRecovered {
        /// The address and port dialled.
        address: SocketAddr,
        /// Why not.
        #[source]
        error: LocalApiError,
    },
}
