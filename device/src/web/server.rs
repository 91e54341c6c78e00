//! Connections: where they come in, how many, and for how long.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::pin;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower_service::Service;

use super::guard::Caller;
use super::places::{Place, TAILSCALE};
use crate::log::{Line, Log, Priority};

/// How long the head of a request may take, and a connection be idle.
const HEAD: Duration = Duration::from_secs(30);

/// How long one connection is used, and may take to end then. A browser opens another one, also for what is live.
const AGE: Duration = Duration::from_secs(600);
const GRACE: Duration = Duration::from_secs(5);

/// How much the head of a request may be, and how many lines.
const HEAD_BYTES: usize = 16 * 1024;
const HEAD_LINES: usize = 64;

/// How often a place is tried that cannot be listened at, and looked at whether it is still where it was. tailscaled
/// tells nobody when it is there; to look costs two calls of the kernel.
const AGAIN: Duration = Duration::from_secs(15);

/// Listens at one place, for as long as it is polled.
pub(super) async fn serve(
    place: Place,
    port: u16,
    router: Router,
    room: Arc<Semaphore>,
    found: watch::Sender<Vec<SocketAddr>>,
    log: Log,
) {
    let mut trouble = None;
    loop {
        if let Some(address) = place.address() {
            match listen(place, SocketAddr::new(address, port)) {
                Ok(listener) => {
                    trouble = None;
                    let local = listener.local_addr();
                    if let Ok(local) = local {
                        let line = Line::new(Priority::Info, "the page is there");
                        log.write(&line.field("url", format_args!("http://{local}/")));
                        found.send_modify(|all| all.push(local));
                    }
                    accept(&listener, place, address, &router, &room).await;
                    found.send_modify(|all| all.retain(|other| local.as_ref().ok() != Some(other)));
                }
                Err(error) => {
                    let why = error.to_string();
                    if trouble.as_ref() != Some(&why) {
                        let line = Line::new(Priority::Warning, "the page is not there");
                        let line = line.field("address", format_args!("{address}, port {port}"));
                        log.write(&line.field("why", &why));
                    }
                    trouble = Some(why);
                }
            }
        }
        sleep(AGAIN).await;
    }
}

/// Only what comes through tailscaled's interface comes in at the address of the tailnet.
fn listen(place: Place, address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    if place == Place::Tailnet {
        socket.bind_device(Some(TAILSCALE.as_bytes()))?;
    }
    socket.bind(address)?;
    socket.listen(64)
}

/// Takes connections until the place is somewhere else.
async fn accept(
    listener: &TcpListener,
    place: Place,
    address: IpAddr,
    router: &Router,
    room: &Arc<Semaphore>,
) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match timeout(AGAIN, listener.accept()).await {
            Ok(Ok((stream, _))) => {
                if let Ok(permit) = Arc::clone(room).try_acquire_owned() {
                    let router = router.clone();
                    connections.spawn(async move {
                        answer(stream, router).await;
                        drop(permit);
                    });
                }
            }
            // Too many files are open, or the caller has gone already.
            Ok(Err(_)) => sleep(Duration::from_millis(100)).await,
            Err(_) if place.address() == Some(address) => {}
            Err(_) => return,
        }
    }
}

/// Answers what is asked through one connection.
async fn answer(stream: TcpStream, router: Router) {
    let (Ok(peer), Ok(here)) = (stream.peer_addr(), stream.local_addr()) else { return };
    let caller = Caller::of(peer.ip(), here.ip());
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(caller);
        let mut router = router.clone();
        async move {
            let response: Result<Response<Body>, Infallible> = router.call(request.map(Body::new)).await;
            response
        }
    });
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_LINES);
    let connection = server.serve_connection(TokioIo::new(stream), service);
    pin!(connection);
    // How a connection ends is the caller's affair.
    if timeout(AGE, connection.as_mut()).await.is_err() {
        connection.as_mut().graceful_shutdown();
        let _ = timeout(GRACE, connection).await;
    }
}
