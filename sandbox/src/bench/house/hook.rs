//! Somebody on the network whom a `[[webhook]]` tells.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::error::{Doing, Result};

const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

/// Answers 204 to everybody, until it is dropped.
pub(super) struct Hook {
    url: String,
    _serving: JoinSet<()>,
}

impl Hook {
    /// Listens at a free port.
    pub(super) async fn listen() -> Result<Self> {
        let doing = || "listen for a webhook".into();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.doing(doing)?;
        let url = format!("http://{}/", listener.local_addr().doing(doing)?);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut callers = JoinSet::new();
            while let Ok((caller, _)) = listener.accept().await {
                callers.spawn(answer(caller));
                while callers.try_join_next().is_some() {}
            }
        });
        Ok(Self { url, _serving: serving })
    }

    /// Where it listens.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

/// Reads one request to its end, and answers it. A caller who goes away meanwhile will say so itself.
async fn answer(caller: TcpStream) -> std::io::Result<()> {
    let (mut caller, mut length) = (BufReader::new(caller), 0);
    loop {
        let mut line = String::new();
        caller.read_line(&mut line).await?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(told) = line.strip_prefix("content-length:") {
            length = told.trim().parse().unwrap_or_default();
        }
    }
    copy(&mut (&mut caller).take(length), &mut sink()).await?;
    caller.get_mut().write_all(ANSWER).await
}
