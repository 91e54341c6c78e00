//! Where the browser brings the answer.

use std::time::Duration;

use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{Brought, read};
use crate::error::{Doing, Error, Result};

/// Longest time for a person to log in, look and allow it.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Longest time for a browser to send what it has: it may open a connection before, for which it has no use.
const LIMIT: Duration = Duration::from_secs(2);
/// Most bytes taken of a request; a code has a few dozen, cookies of other programs at 127.0.0.1 may have more.
const LARGEST: u64 = 64 * 1024;

/// An address of this machine, listened at.
#[derive(Debug)]
pub(in crate::setup) struct Callback(TcpListener);

impl Callback {
    /// Listens at `port` of 127.0.0.1.
    pub(in crate::setup) async fn open(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        listener
            .map(Self)
            .doing(|| format!("listen at 127.0.0.1:{port}, where the browser brings Amazon's answer"))
    }

    /// Where that is, as Amazon is told.
    pub(in crate::setup) fn url(&self) -> Result<String> {
        let address = self.0.local_addr().doing(|| "tell where the browser is to come back".into())?;
        Ok(format!("http://{address}/cb"))
    }

    /// Waits for the one answer with `state`. Everything else is told that it is not meant, and waited on.
    pub(in crate::setup) async fn answer(self, state: &SecretString) -> Result<Brought> {
        let late = |_| Error::Answer("no browser came back from Amazon's page within ten minutes".into());
        timeout(PATIENCE, self.first(state)).await.map_err(late)?
    }

    async fn first(&self, state: &SecretString) -> Result<Brought> {
        loop {
            let (stream, _) = self.0.accept().await.doing(|| "listen for the browser".into())?;
            // One that sends nothing, or breaks off, is not the one.
            if let Ok(Ok(brought)) = timeout(LIMIT, serve(stream, state)).await
                && !matches!(brought, Brought::Nothing)
            {
                return Ok(brought);
            }
        }
    }
}

async fn serve(mut stream: TcpStream, state: &SecretString) -> std::io::Result<Brought> {
    let head = head(&mut stream).await?;
    let line = head.lines().next().unwrap_or_default();
    let brought = read(line, state);
    let (status, told) = match brought {
        Brought::Code(_) => ("200 OK", "porch has Amazon's answer. You can close this page."),
        Brought::Refusal(_) => ("200 OK", "Amazon says that you have not allowed it. The terminal has more."),
        Brought::Nothing => ("404 Not Found", "This is not what porch waits for."),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{told}",
        told.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(brought)
}

/// All up to the empty line, so that the browser is not cut off while it speaks.
async fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut stream = stream.take(LARGEST);
    let mut piece = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&piece[..read]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn send(port: u16, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_answer_is_found_among_everything_else_that_comes() {
        let callback = Callback::open(0).await.unwrap();
        let port = callback.0.local_addr().unwrap().port();
        let state = SecretString::from("our-state");
        let browser = async {
            let stranger = send(port, b"GET /cb?code=X&state=guessed HTTP/1.1\r\n\r\n").await;
            assert!(stranger.starts_with("HTTP/1.1 404"), "{stranger}");
            drop(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
            assert!(send(port, b"\xff\xfe\r\n\r\n").await.contains("not what porch waits for"));
            let answer = send(port, b"GET /cb?code=ABC&state=our-state HTTP/1.1\r\nHost: a\r\n\r\n").await;
            assert!(answer.ends_with("You can close this page.") && !answer.contains("ABC"), "{answer}");
        };
        let (brought, ()) = tokio::join!(callback.answer(&state), browser);
        assert!(matches!(brought.unwrap(), Brought::Code(_)));
    }
}
