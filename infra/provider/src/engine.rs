//! The Pulumi engine that started this plugin: what it is told, and whether it is still there.

use std::time::Duration;

use pulumi_gestalt_proto::pulumi::pulumirpc::engine_client::EngineClient;
use pulumi_gestalt_proto::pulumi::pulumirpc::{LogRequest, LogSeverity};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use tonic::transport::{Channel, Endpoint};

use crate::task::Message;

/// Messages on their way. When there are more, the engine is not listening, and further ones only go to the log.
const WAITING: usize = 256;
const CALL_LIMIT: Duration = Duration::from_secs(5);
/// How often in a row the engine may be missed.
const MISSED_LIMIT: u32 = 2;

/// Whoever is told how far a resource is: the engine's display, or a test.
#[tonic::async_trait]
pub(crate) trait Audience: Send + Sync + 'static {
    /// Says something about the resource `urn`.
    fn tell(&self, urn: &str, message: Message);

    /// Ends once everything said so far has arrived.
    async fn flush(&self);
}

/// The engine's display, over its Log call. The engine masks every secret it knows in what it is told.
pub(crate) struct Display {
    queue: mpsc::Sender<Entry>,
}

enum Entry {
    Log(LogRequest),
    Flush(oneshot::Sender<()>),
}

impl Display {
    /// A display at the engine's `address`, `HOST:PORT`. Without one, nobody is told anything.
    pub(crate) fn new(address: Option<&str>) -> Self {
        let (queue, entries) = mpsc::channel(WAITING);
        let engine = address.and_then(|address| Endpoint::from_shared(format!("http://{address}")).ok());
        let engine = engine.map(|endpoint| EngineClient::new(endpoint.timeout(CALL_LIMIT).connect_lazy()));
        tokio::spawn(pass_on(entries, engine));
        Self { queue }
    }
}

#[tonic::async_trait]
impl Audience for Display {
    fn tell(&self, urn: &str, message: Message) {
        let (message, severity, ephemeral) = match message {
            Message::Status(text) => (text, LogSeverity::Info, true),
            Message::Line(text) => (text, LogSeverity::Info, false),
            Message::Warning(text) => (text, LogSeverity::Warning, false),
        };
        tracing::info!(urn, "{message}");
        let request =
            LogRequest { severity: severity.into(), message, urn: urn.to_owned(), stream_id: 0, ephemeral };
        // A full queue loses the message from the screen; the log has it.
        let _lost = self.queue.try_send(Entry::Log(request));
    }

    async fn flush(&self) {
        let (done, arrived) = oneshot::channel();
        if self.queue.send(Entry::Flush(done)).await.is_ok() {
            // The other end goes only with the whole process.
            let _arrived = arrived.await;
        }
    }
}

/// Hands messages over in order, for as long as there is somebody to say them.
async fn pass_on(mut entries: mpsc::Receiver<Entry>, mut engine: Option<EngineClient<Channel>>) {
    while let Some(entry) = entries.recv().await {
        match (entry, &mut engine) {
            (Entry::Flush(done), _) => drop(done.send(())),
            (Entry::Log(request), Some(engine)) => {
                if let Err(status) = engine.log(request).await {
                    tracing::debug!(%status, "the engine did not take a message");
                }
            }
            (Entry::Log(_), None) => (),
        }
    }
}

/// Looks for the engine at `address` every so often, and ends once nothing listens there any more: a killed engine
/// tells its plugins nothing.
pub(crate) async fn gone(address: &str, every: Duration) {
    let mut missed = 0;
    while missed < MISSED_LIMIT {
        sleep(every).await;
        match timeout(CALL_LIMIT, TcpStream::connect(address)).await {
            Ok(Ok(_)) => missed = 0,
            Ok(Err(_)) | Err(_) => missed += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_an_engine_nothing_waits() {
        let display = Display::new(None);
        for _ in 0..WAITING * 2 {
            display.tell("urn", Message::Line(String::from("said to nobody")));
        }
        display.flush().await;
    }

    #[tokio::test]
    async fn an_engine_that_listens_is_there_and_one_that_stopped_is_gone() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let every = Duration::from_millis(5);
        let there = timeout(every * 20, gone(&address, every)).await;
        assert!(there.is_err(), "an engine that listens was taken for gone");
        drop(listener);
        timeout(CALL_LIMIT, gone(&address, every)).await.expect("an engine that stopped was not missed");
    }
}
