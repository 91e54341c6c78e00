//! A proxy that does one thing wrong at one byte.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A little more than the bytes of both directions, heads included.
pub(crate) const LONGEST: usize = 900;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The connection is closed in order.
    Close,
    /// The connection is reset.
    Reset,
    /// One byte is another one.
    Corrupt,
    /// What follows comes later.
    Delay,
    /// What follows never comes.
    Stall,
}

/// Where it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    ToHomeAssistant,
    ToBridge,
}

/// One fault, at a byte counted from when it was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) direction: Direction,
    pub(crate) at: usize,
}

/// The fault that is still to happen, and the bytes that have passed in its direction since it was asked for.
type Pending = Arc<Mutex<Option<(Fault, usize)>>>;

/// A running proxy.
pub(crate) struct Proxy {
    port: u16,
    server: Arc<Mutex<u16>>,
    pending: Pending,
    connections: Arc<Mutex<JoinSet<()>>>,
    _accepting: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (server, pending) = (Arc::new(Mutex::new(0)), Pending::default());
        let connections = Arc::new(Mutex::new(JoinSet::new()));
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, server.clone(), pending.clone(), connections.clone()));
        Self { port, server, pending, connections, _accepting: accepting }
    }

    /// Has everything go to this port, and gives the proxy's own.
    pub(crate) fn forward_to(&self, server: u16) -> u16 {
        *lock(&self.server) = server;
        self.port
    }

    /// Does this wrong, once.
    pub(crate) fn misbehave(&self, fault: Fault) {
        *lock(&self.pending) = Some((fault, 0));
    }

    /// Does nothing wrong any more.
    pub(crate) fn behave(&self) {
        *lock(&self.pending) = None;
    }

    /// Ends all connections, so that the next directive needs a new one.
    pub(crate) fn drop_connections(&self) {
        self.behave();
        lock(&self.connections).abort_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no panic in a test")
}

async fn accept(
    listener: TcpListener,
    server: Arc<Mutex<u16>>,
    pending: Pending,
    connections: Arc<Mutex<JoinSet<()>>>,
) {
    while let Ok((bridge, _)) = listener.accept().await {
        let (port, pending) = (*lock(&server), pending.clone());
        lock(&connections).spawn(async move {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
            let (from_bridge, to_bridge) = bridge.into_split();
            let (from_server, to_server) = server.into_split();
            // Whichever direction ends first ends both.
            tokio::select! {
                () = copy(from_bridge, to_server, Direction::ToHomeAssistant, &pending) => {}
                () = copy(from_server, to_bridge, Direction::ToBridge, &pending) => {}
            }
        });
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, direction: Direction, pending: &Pending) {
    let mut buffer = [0; 4096];
    while let Ok(read) = from.read(&mut buffer).await {
        let Some(bytes) = buffer.get_mut(..read).filter(|bytes| !bytes.is_empty()) else { return };
        let (before, after) = match due(pending, direction, bytes.len()) {
            None => (bytes, None),
            Some((kind, at)) => {
                let (before, after) = bytes.split_at_mut(at);
                (before, Some((kind, after)))
            }
        };
        if to.write_all(before).await.is_err() {
            return;
        }
        let Some((kind, rest)) = after else { continue };
        match kind {
            Kind::Close => return,
            Kind::Reset => return drop(to.as_ref().set_zero_linger()),
            Kind::Corrupt => rest.iter_mut().take(1).for_each(|byte| *byte ^= 0x20),
            Kind::Delay => tokio::time::sleep(Duration::from_millis(5)).await,
            Kind::Stall => std::future::pending().await,
        }
        if to.write_all(rest).await.is_err() {
            return;
        }
    }
}

/// Whether the pending fault happens within the next `coming` bytes of `direction`: its kind, and where among them.
fn due(pending: &Pending, direction: Direction, coming: usize) -> Option<(Kind, usize)> {
    let mut pending = lock(pending);
    let (fault, passed) = pending.as_mut().filter(|(fault, _)| fault.direction == direction)?;
    let at = fault.at - *passed;
    if at < coming {
        let kind = fault.kind;
        *pending = None;
        Some((kind, at))
    } else {
        *passed += coming;
        None
    }
}
