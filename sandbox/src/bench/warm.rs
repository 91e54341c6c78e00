//! What the way through the function and the tailnet adds to Home Assistant's own time.

use std::time::Instant;

use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use super::caller::{Caller, report_state};
use super::figures::{Measured, WARM_P50, WARM_P95};
use super::stats::{median, p95};
use crate::error::{Doing, Error, Result};
use crate::parts::home_assistant::PORT;

/// Where Home Assistant takes directives.
pub(super) const SMART_HOME: &str = "/api/alexa/smart_home";
/// Pairs before the first that counts: connections are made, caches filled.
const LEAD_IN: usize = 10;

/// Asks through the function and directly, in turns.
///
/// # Errors
/// When a directive gets no proper reply.
pub(super) async fn measure(
    caller: &Caller<'_>,
    token: &SecretString,
    pairs: usize,
) -> Result<Vec<Measured>> {
    let mut direct = Direct::connect(token).await?;
    let (mut over, mut own) = (Vec::new(), Vec::new());
    for pair in 0..LEAD_IN + pairs {
        let direct_ms = direct.ask().await?;
        let bridge_ms = caller.ask().await?.replied()?;
        if pair >= LEAD_IN {
            over.push(bridge_ms - direct_ms);
            own.push(direct_ms);
        }
    }
    let note = format!(
        "ReportState; the function's elapsed_ms less Home Assistant's own time ({:.1} ms), asked in turns",
        median(&own).unwrap_or_default()
    );
    Ok(vec![
        WARM_P50.measured(median(&over).unwrap_or(f64::INFINITY), over.len(), &note),
        WARM_P95.measured(p95(&over).unwrap_or(f64::INFINITY), over.len(), note),
    ])
}

/// A kept connection to Home Assistant itself.
///
/// Bytes are written and read here without an HTTP client, whose own time would be taken for Home Assistant's.
struct Direct {
    stream: BufStream<TcpStream>,
    request: Vec<u8>,
}

impl Direct {
    async fn connect(token: &SecretString) -> Result<Self> {
        let doing = || "connect to Home Assistant".to_string();
        let stream = TcpStream::connect(("127.0.0.1", PORT)).await.doing(doing)?;
        stream.set_nodelay(true).doing(doing)?;
        let body = report_state(token);
        let mut request = format!(
            "POST {SMART_HOME} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            token.expose_secret(),
            body.len()
        )
        .into_bytes();
        request.extend(body);
        Ok(Self { stream: BufStream::new(stream), request })
    }

    /// How long the reply takes, in milliseconds.
    async fn ask(&mut self) -> Result<f64> {
        let begun = Instant::now();
        let reply = self.exchange().await.doing(|| "ask Home Assistant directly".into())?;
        let elapsed = begun.elapsed();
        if reply.starts_with("HTTP/1.1 200 ") {
            return Ok(elapsed.as_secs_f64() * 1000.0);
        }
        Err(Error::Answer(format!("Home Assistant, asked directly, answers `{}`", reply.trim_end())))
    }

    /// Sends the request, reads the reply to its end, and gives its first line.
    async fn exchange(&mut self) -> std::io::Result<String> {
        self.stream.write_all(&self.request).await?;
        self.stream.flush().await?;
        let mut status = String::new();
        self.stream.read_line(&mut status).await?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().map_err(std::io::Error::other)?;
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok(status)
    }
}
