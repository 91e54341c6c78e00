//! Connections to Home Assistant with the TLS handshake as a phase of its own.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use http_client::https;
use hyper_rustls::HttpsConnector;
use tailnet::{Connector, Phases};
use tower_service::Service;

/// Dials through the tailnet and, for https, agrees on TLS under the name in the URL, not under the address that was
/// dialled. Notes the phase `tls` of a handshake that succeeds.
#[derive(Clone, Debug)]
pub(crate) struct TlsConnector {
    https: HttpsConnector<Connector>,
    phases: Phases,
}

impl TlsConnector {
    /// Dials with `connector`, which notes its own phases in `phases`.
    pub(crate) fn new(connector: Connector, tls: rustls::ClientConfig, phases: Phases) -> Self {
        Self { https: https(connector, tls), phases }
    }
}

impl Service<Uri> for TlsConnector {
    type Response = <HttpsConnector<Connector> as Service<Uri>>::Response;
    type Error = <HttpsConnector<Connector> as Service<Uri>>::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let encrypted = target.scheme_str() == Some("https");
        let connecting = self.https.call(target);
        if !encrypted {
            return connecting;
        }
        let phases = self.phases.clone();
        Box::pin(async move { phases.time_rest("tls", connecting).await })
    }
}
