//! One run of the plugin: it serves the engine until there is no reason to any more.

use std::sync::Arc;
use std::time::Duration;

use pulumi_gestalt_proto::pulumi::pulumirpc::resource_provider_server::ResourceProviderServer;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;

use crate::engine::{self, Audience, Display};
use crate::resource::Resources;
use crate::service::Service;
use crate::settings::Settings;

/// What the engine may send in one message: it allows itself 400 MB.
const LARGEST_MESSAGE: usize = 400 << 20;

/// How often the engine is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long running calls may take to end once the plugin is to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Serves the engine at `listener` until the engine is gone or the process is told to stop. Running builds are
/// ended first.
///
/// # Errors
///
/// The connection could not be served.
pub async fn serve(listener: TcpListener, settings: Settings) -> Result<(), tonic::transport::Error> {
    let display = Display::new(settings.engine.as_deref());
    let cancel = CancellationToken::new();
    let stop = stop(settings.engine.clone(), cancel.clone());
    serve_until(stop, listener, Resources::new(settings), Arc::new(display), cancel).await
}

/// The same with any audience and any reason to stop.
pub(crate) async fn serve_until(
    stop: impl Future<Output = ()>,
    listener: TcpListener,
    resources: Resources,
    audience: Arc<dyn Audience>,
    cancel: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    let service = ResourceProviderServer::new(Service::new(resources, audience, cancel))
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE);
    let stopping = CancellationToken::new();
    let serving = Server::builder()
        .add_service(service)
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stopping.clone().cancelled_owned());
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended,
        () = stop => stopping.cancel(),
    }
    // Calls that do not end in time are dropped, which kills what they started.
    tokio::time::timeout(GRACE, serving).await.unwrap_or(Ok(()))
}

/// Ends when there is a reason to stop, with everything that runs cancelled.
async fn stop(engine: Option<String>, cancel: CancellationToken) {
    let gone = async {
        match &engine {
            Some(address) => engine::gone(address, LOOK_EVERY).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = gone => tracing::info!("the engine is gone"),
        () = told(SignalKind::terminate()) => tracing::info!("told to stop"),
        () = told(SignalKind::interrupt()) => tracing::info!("interrupted"),
    }
    cancel.cancel();
}

/// Ends when the signal comes; never, if the system does not let it be seen.
async fn told(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(error) => {
            tracing::warn!(%error, "a signal cannot be watched");
            std::future::pending::<()>().await;
        }
    }
}
