//! Distance for STUN, with which a node asks a relay for its own address: one datagram there, one back.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// More than any datagram of STUN has.
const LARGEST: usize = 1500;
/// A question that is not answered within this time never is.
const ANSWER: Duration = Duration::from_secs(5);

/// A running relay for datagrams; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct StunRelay {
    _serving: JoinSet<()>,
}

impl StunRelay {
    /// Serves `listen`, with `one_way` between each client and `server`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub(super) async fn start(listen: SocketAddr, server: SocketAddr, one_way: Duration) -> io::Result<Self> {
        let socket = UdpSocket::bind(listen).await?;
        let mut serving = JoinSet::new();
        serving.spawn(serve(Arc::new(socket), server, one_way));
        Ok(Self { _serving: serving })
    }
}

async fn serve(socket: Arc<UdpSocket>, server: SocketAddr, one_way: Duration) {
    let mut exchanges = JoinSet::new();
    let mut datagram = [0; LARGEST];
    loop {
        tokio::select! {
            received = socket.recv_from(&mut datagram) => {
                // A datagram that is lost is asked for again by its sender.
                let Ok((length, client)) = received else { continue };
                let question = datagram.iter().take(length).copied().collect();
                exchanges.spawn(exchange(Arc::clone(&socket), client, question, server, one_way));
            }
            Some(_ended) = exchanges.join_next() => {}
        }
    }
}

/// One question and its answer.
async fn exchange(
    socket: Arc<UdpSocket>,
    client: SocketAddr,
    question: Vec<u8>,
    server: SocketAddr,
    one_way: Duration,
) -> io::Result<()> {
    let way = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    sleep(one_way).await;
    way.send_to(&question, server).await?;
    let mut answer = vec![0; LARGEST];
    let length = timeout(ANSWER, way.recv(&mut answer)).await??;
    answer.truncate(length);
    sleep(one_way).await;
    socket.send_to(&answer, client).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_client_gets_its_own_answer() {
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = UdpSocket::bind(local).await.unwrap();
        let server_address = server.local_addr().unwrap();
        let socket = Arc::new(UdpSocket::bind(local).await.unwrap());
        let relay = socket.local_addr().unwrap();
        tokio::spawn(serve(socket, server_address, Duration::from_millis(1)));
        let clients = [UdpSocket::bind(local).await.unwrap(), UdpSocket::bind(local).await.unwrap()];
        for (number, client) in (1..).zip(&clients) {
            client.send_to(&[number], relay).await.unwrap();
        }
        let mut asked = [0; 8];
        for _ in &clients {
            let (length, from) = server.recv_from(&mut asked).await.unwrap();
            assert_eq!(length, 1);
            server.send_to(&[asked[0] + 100], from).await.unwrap();
        }
        for (number, client) in (1..).zip(&clients) {
            let mut answer = [0; 8];
            assert_eq!(client.recv(&mut answer).await.unwrap(), 1);
            assert_eq!(answer[0], number + 100);
        }
    }
}
