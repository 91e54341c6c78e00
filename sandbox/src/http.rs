//! The sandbox's HTTP client: for servers on 127.0.0.1 only, never through a proxy.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Certificate, Client};

use crate::error::{Doing, Error, Result};

/// A client that gives up a request after `limit`, and trusts `ca` besides nobody.
///
/// # Errors
/// When the certificate cannot be read.
pub fn client(ca: Option<&Path>, limit: Duration) -> Result<Client> {
    let mut builder = builder(limit);
    if let Some(ca) = ca {
        let pem = std::fs::read(ca).doing(|| format!("read {}", ca.display()))?;
        let certificate = Certificate::from_pem(&pem)
            .map_err(|error| Error::Answer(format!("{} is no certificate: {error}", ca.display())))?;
        builder = builder.tls_certs_only([certificate]);
    }
    finish(builder)
}

/// A client for a server on a unix socket.
///
/// # Errors
/// When the client cannot be made.
pub fn unix_client(socket: PathBuf, limit: Duration) -> Result<Client> {
    finish(builder(limit).unix_socket(socket))
}

/// An HTTP error with its causes: reqwest's own message leaves out why a connection failed.
#[must_use]
pub fn reason(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn builder(limit: Duration) -> reqwest::ClientBuilder {
    // One TLS library serves the whole process; a second installation changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(limit).redirect(reqwest::redirect::Policy::none()).tls_certs_only([])
}

fn finish(builder: reqwest::ClientBuilder) -> Result<Client> {
    builder.build().map_err(|error| Error::Answer(format!("no HTTP client: {}", reason(&error))))
}
