//! The listeners: one for each of Amazon's hosts, and one for the driver. Delays and cut connections happen here.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use smapi::fake::functions;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::amazon::Amazon;
use crate::control;
use crate::host::{Host, Service};
use crate::policies::{Aws, Policies};
use crate::reply::{Answer, Reply, empty};
use crate::storage::Storage;

/// A request has to be there within this time.
const PATIENCE: Duration = Duration::from_secs(30);
/// What comes after so many bytes of a body is not kept: every limit of a service is below it.
const KEPT: usize = 1 << 20;
/// A body that is longer still is not read to its end.
const LARGEST_READ: usize = 16 << 20;
/// More connections at once wait for one of these to end.
const MOST_CONNECTIONS: usize = 1024;

/// Who is asked through a listener.
#[derive(Clone, Copy, Debug)]
enum Door {
    Amazon(Host),
    Driver,
}

/// The fake behind its listeners.
#[derive(Debug)]
pub struct Server {
    amazon: Mutex<Amazon>,
    storage: Mutex<Option<Storage>>,
    aws: Option<Aws>,
    now: fn() -> SystemTime,
}

impl Server {
    /// A server that takes `now` for the time, keeps the world in `storage` if there is one, and has functions where
    /// there is an AWS.
    #[must_use]
    pub fn new(amazon: Amazon, storage: Option<Storage>, aws: Option<Aws>, now: fn() -> SystemTime) -> Self {
        Self { amazon: Mutex::new(amazon), storage: Mutex::new(storage), aws, now }
    }

    /// Serves for as long as it is polled: the hosts in the order of [`Host::ALL`], then the driver.
    ///
    /// # Errors
    /// When connections can no longer be accepted.
    pub async fn serve(self, listeners: Listeners) -> io::Result<()> {
        let (server, mut doors) = (Arc::new(self), JoinSet::new());
        for (host, listener) in Host::ALL.into_iter().zip(listeners.hosts) {
            doors.spawn(Arc::clone(&server).keep(Door::Amazon(host), listener));
        }
        doors.spawn(server.keep(Door::Driver, listeners.driver));
        match doors.join_next().await {
            Some(Ok(result)) => result,
            Some(Err(panic)) => Err(io::Error::other(panic)),
            None => Ok(()),
        }
    }

    async fn keep(self: Arc<Self>, door: Door, listener: TcpListener) -> io::Result<()> {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await?;
            while connections.len() >= MOST_CONNECTIONS {
                connections.join_next().await;
            }
            while connections.try_join_next().is_some() {}
            connections.spawn(Arc::clone(&self).attend(door, stream));
        }
    }

    /// How a connection ends is its caller's affair, and a cut one always ends in an error.
    async fn attend(self: Arc<Self>, door: Door, stream: TcpStream) {
        let service = service_fn(|request| Arc::clone(&self).reply(door, request));
        let mut connection = http1::Builder::new();
        connection.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        if let Err(error) = connection.serve_connection(TokioIo::new(stream), service).await {
            tracing::debug!(%error, "a connection ended early");
        }
    }

    async fn reply(
        self: Arc<Self>,
        door: Door,
        request: Request<Incoming>,
    ) -> io::Result<Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        let body =
            timeout(PATIENCE, read(body)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let request = Request::from_parts(head, body);
        let policies = self.policies(door, &request).await;
        let Reply { answer, delay, cut } = self.answer(door, &request, &policies);
        sleep(delay).await;
        if cut { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(answer.response.map(Full::new)) }
    }

    /// The policies of the functions that a request names as a skill's.
    async fn policies(&self, door: Door, request: &Request<Bytes>) -> Policies {
        let is_about_skills =
            matches!(door, Door::Amazon(host) if host.service(request.uri().path()) == Some(Service::Smapi));
        match &self.aws {
            Some(aws) if is_about_skills => aws.policies(&functions(request.body())).await,
            Some(_) | None => Policies::new(),
        }
    }

    /// What is answered was written down before.
    fn answer(&self, door: Door, request: &Request<Bytes>, policies: &Policies) -> Reply {
        let mut amazon = self.amazon.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.now)();
        let reply = match door {
            Door::Amazon(host) => amazon.answer(host, request, policies, now),
            Door::Driver => Reply::prompt(Answer::granted(control::answer(&mut amazon, request, now))),
        };
        let mut storage = self.storage.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = storage.as_mut().map_or(Ok(()), |storage| storage.keep(&amazon.world));
        log(door, request, &reply.answer);
        match kept {
            Ok(()) => reply,
            Err(error) => {
                tracing::error!(%error, "the world is not kept");
                Reply::prompt(Answer::granted(empty(StatusCode::INTERNAL_SERVER_ERROR)))
            }
        }
    }
}

/// One socket for each of Amazon's hosts, and one for the driver.
#[derive(Debug)]
pub struct Listeners {
    hosts: Vec<TcpListener>,
    driver: TcpListener,
}

impl Listeners {
    /// Binds `first` and the ports after it; or, when its port is 0, any that are free.
    ///
    /// # Errors
    /// When one of them is taken; it is named.
    pub async fn bind(first: SocketAddr) -> io::Result<Self> {
        let mut all = Vec::new();
        for number in 0..=Host::ALL.len() {
            let step = u16::try_from(number).ok().filter(|_| first.port() != 0).unwrap_or_default();
            let address = SocketAddr::new(first.ip(), first.port().saturating_add(step));
            let bound = TcpListener::bind(address).await;
            all.push(bound.map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))?);
        }
        let driver = all.pop().ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Self { hosts: all, driver })
    }

    /// Where they listen: the hosts in the order of [`Host::ALL`], then the driver.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.hosts.iter().chain([&self.driver]).map(TcpListener::local_addr).collect()
    }
}

/// The body, or as much of it as is enough to see that it is too long.
async fn read(body: impl Body<Data = Bytes, Error = hyper::Error>) -> io::Result<Bytes> {
    let (mut body, mut kept, mut size) = (pin!(body), BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(io::Error::other)?.into_data() else { continue };
        size += data.len();
        // A caller that is still sending would miss the refusal: it is read on, but not kept.
        if size <= KEPT + data.len() {
            kept.extend_from_slice(&data);
        } else if size > LARGEST_READ {
            break;
        }
    }
    Ok(kept.freeze())
}

/// One line for each request. Neither paths with a query, nor headers, nor bodies are in it.
fn log(door: Door, request: &Request<Bytes>, answer: &Answer) {
    let (method, path, status) = (request.method(), request.uri().path(), answer.response.status().as_u16());
    let (error, reason) = (answer.error, answer.reason.as_deref());
    tracing::info!(?door, %method, path, status, error, reason, "answered");
}
