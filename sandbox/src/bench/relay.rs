//! A relay that puts distance between those who connect to it and a server on this machine.
//!
//! Every chunk arrives later by the time of one way, in the order in which it was sent, and none waits for another:
//! what is added is latency, and throughput stays as it was.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Most bytes read at once.
const CHUNK: usize = 16 * 1024;
/// Chunks on their way in one direction of one connection; a sender that has more waits, as for a full window.
const ON_THE_WAY: usize = 1024;

/// A running relay; it and its connections end when it is dropped.
#[derive(Debug)]
pub struct Relay {
    one_way_ms: Arc<AtomicU64>,
    _serving: JoinSet<()>,
}

impl Relay {
    /// Serves `listen` and connects each client to `server`, at no distance until [`Self::move_away`].
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(listen: SocketAddr, server: SocketAddr) -> io::Result<Self> {
        Ok(Self::serve(TcpListener::bind(listen).await?, server))
    }

    /// Puts `one_way` between the server and those who connect from now on. Connections that are open stay as they
    /// are, which keeps the home node near while the function's nodes are far.
    pub fn move_away(&self, one_way: Duration) {
        let milliseconds = u64::try_from(one_way.as_millis()).unwrap_or(u64::MAX);
        self.one_way_ms.store(milliseconds, Ordering::Relaxed);
    }

    fn serve(listener: TcpListener, server: SocketAddr) -> Self {
        let one_way_ms = Arc::new(AtomicU64::new(0));
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, server, Arc::clone(&one_way_ms)));
        Self { one_way_ms, _serving: serving }
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, one_way_ms: Arc<AtomicU64>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A client that is gone before it was accepted is nobody's loss.
                let Ok((client, _)) = accepted else { continue };
                let one_way = Duration::from_millis(one_way_ms.load(Ordering::Relaxed));
                connections.spawn(connect(client, server, one_way));
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

/// Carries one connection until both ends have said all. A server that refuses is a connection that ends at once.
async fn connect(mut client: TcpStream, server: SocketAddr, one_way: Duration) {
    // The kernel has already completed the client's handshake: over the distance that would have taken a round trip,
    // before which the client could not have sent anything.
    let first = Instant::now() + one_way * 2;
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    // Small messages are to leave when they are written. A socket that cannot be told is as good, only slower.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::join!(
        carry(from_client, to_server, one_way, first),
        carry(from_server, to_client, one_way, first)
    );
}

/// Carries one direction; its end travels like its bytes.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    one_way: Duration,
    first: Instant,
) {
    let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
    let read = async move {
        loop {
            let mut chunk = vec![0; CHUNK];
            let length = from.read(&mut chunk).await.unwrap_or(0);
            chunk.truncate(length);
            let due = Instant::now().max(first) + one_way;
            if sender.send((due, chunk)).await.is_err() || length == 0 {
                return;
            }
        }
    };
    let write = async move {
        while let Some((due, chunk)) = receiver.recv().await {
            sleep_until(due).await;
            if chunk.is_empty() || to.write_all(&chunk).await.is_err() {
                break;
            }
        }
        // Who cannot be told any more knows already.
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers each connection with all that it was sent, once the client has said that it is all.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut told = Vec::new();
                stream.read_to_end(&mut told).await.unwrap();
                stream.write_all(&told).await.unwrap();
            }
        });
        address
    }

    async fn relay(server: SocketAddr) -> (Relay, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (Relay::serve(listener, server), address)
    }

    async fn told_back(relay: SocketAddr, text: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(relay).await.unwrap();
        stream.write_all(text).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn each_chunk_arrives_one_way_later_and_none_waits_for_another() {
        let (mut near, from) = tokio::io::duplex(64);
        let (to, mut far) = tokio::io::duplex(64);
        let begun = Instant::now();
        tokio::spawn(carry(from, to, Duration::from_millis(15), begun + Duration::from_millis(30)));
        tokio::spawn(async move {
            for (at_ms, byte) in [(0, 1), (40, 2), (45, 3)] {
                sleep_until(begun + Duration::from_millis(at_ms)).await;
                near.write_u8(byte).await.unwrap();
            }
        });
        // Paused time goes on only while everybody waits, so these are exact. The first waits for the handshake.
        for (at_ms, byte) in [(45, 1), (55, 2), (60, 3)] {
            assert_eq!(far.read_u8().await.unwrap(), byte);
            assert_eq!(begun.elapsed().as_millis(), at_ms);
        }
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn all_bytes_arrive_in_order_near_and_far() {
        let (relay, address) = relay(echo().await).await;
        let text: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        assert!(told_back(address, &text).await == text);
        relay.move_away(Duration::from_millis(2));
        assert!(told_back(address, &text).await == text);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_ends_the_connection() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let (_relay, address) = relay(free).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        // Closed with nothing said, or reset: either way there is no byte.
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or(0), 0);
    }
}
