//! How it is known that a part is ready, and the waiting for it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::error::Result;
use crate::http;
use crate::parts::{doorbell, node};

/// A question that a part answers when it is ready.
#[derive(Clone, Debug)]
pub enum Probe {
    /// `GET url` answers, and with no server's error: Home Assistant refuses until it has an owner.
    Http {
        /// The URL.
        url: String,
        /// The CA that signed its certificate, for https.
        ca: Option<PathBuf>,
    },
    /// Something listens on this port of 127.0.0.1.
    Listens {
        /// The port.
        port: u16,
    },
    /// The doorbell's daemon watches its button.
    Button {
        /// The folder of its sockets.
        folder: PathBuf,
    },
    /// The tailscaled with its LocalAPI on `ts.sock` in this folder is in state Running: it is in the tailnet and
    /// has a relay.
    Tailnet {
        /// The folder of the LocalAPI's unix socket.
        folder: PathBuf,
    },
}

const ONE_TRY: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

impl Probe {
    /// Asks once.
    ///
    /// # Errors
    /// Why it is not ready, as the end of a sentence.
    pub async fn ask(&self) -> Result<(), String> {
        match self {
            Self::Http { url, ca } => {
                let client =
                    http::client(ca.as_deref(), ONE_TRY).map_err(|error| format!("{url}: {error}"))?;
                let response = client.get(url).send().await.map_err(|error| http::reason(&error))?;
                let status = response.status();
                if status.as_u16() < 500 { Ok(()) } else { Err(format!("{url} answers {status}")) }
            }
            Self::Listens { port } => {
                match timeout(ONE_TRY, TcpStream::connect(("127.0.0.1", *port))).await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(format!("port {port}: {error}")),
                    Err(_) => Err(format!("port {port} does not answer")),
                }
            }
            Self::Button { folder } => {
                let button = timeout(ONE_TRY, doorbell::button(folder, doorbell::BELL)).await;
                let button = button.map_err(|_| "its button does not answer".to_string())?;
                button.map(drop).map_err(|error| error.to_string())
            }
            Self::Tailnet { folder } => {
                let status = node::status(folder, ONE_TRY).await?;
                match status["BackendState"].as_str() {
                    Some("Running") => Ok(()),
                    other => Err(format!("its state is {}, not Running", other.unwrap_or("unknown"))),
                }
            }
        }
    }
}

/// Asks until the answer is yes, `ended` says that nobody is left to answer, or `limit` is over.
///
/// # Errors
/// Why it is not ready, as the end of a sentence.
pub async fn wait(probe: &Probe, limit: Duration, ended: impl Fn() -> bool) -> Result<(), String> {
    let until = Instant::now() + limit;
    loop {
        let Err(reason) = probe.ask().await else { return Ok(()) };
        if ended() {
            return Err("it ended by itself".into());
        }
        if Instant::now() >= until {
            return Err(format!("not ready after {} s: {reason}", limit.as_secs()));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    fn server(status: &'static str) -> Probe {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Probe::Http { url, ca: None }
    }

    #[tokio::test]
    async fn an_answer_is_ready_unless_it_is_a_servers_error() {
        assert_eq!(server("200 OK").ask().await, Ok(()));
        assert_eq!(server("400 Bad Request").ask().await, Ok(()));
        let refused = server("503 Service Unavailable").ask().await.unwrap_err();
        assert!(refused.ends_with("answers 503 Service Unavailable"), "{refused}");
    }

    #[tokio::test]
    async fn waiting_ends_at_its_limit_and_says_why() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let probe = Probe::Http { url: format!("http://{free}/"), ca: None };
        let reason = wait(&probe, Duration::ZERO, || false).await.unwrap_err();
        assert!(reason.starts_with("not ready after 0 s: ") && reason.contains("refused"), "{reason}");
    }

    #[tokio::test]
    async fn waiting_ends_when_nobody_is_left_to_answer() {
        let probe = Probe::Tailnet { folder: "/nonexistent".into() };
        let began = Instant::now();
        let reason = wait(&probe, Duration::from_secs(60), || true).await.unwrap_err();
        assert_eq!(reason, "it ended by itself");
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}
