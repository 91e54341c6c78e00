//! What can keep a new key away.

use std::error::Error;

use http_client::told;
use tailscale_api::ApiError;

/// Why there is no new key, or nothing written down about it. What is below is told as text, since nobody does
/// anything else with it.
#[derive(Debug, thiserror::Error)]
pub enum RenewalError {
    /// TLS could not be set up.
    #[error("https cannot be used")]
    Tls(#[from] rustls::Error),
    /// The parameters could not be read.
    #[error("the parameters could not be read")]
    Reading(#[source] Box<dyn Error + Send + Sync>),
    /// AWS did not say who the function is.
    #[error("aws gave no word about who the function is")]
    Identity(#[source] Box<dyn Error + Send + Sync>),
    /// Tailscale made no key.
    #[error("no new key was made")]
    Api(#[from] ApiError),
    /// The new key could not be written: the present one stays, and the new one is lost.
    #[error("the new key could not be written")]
    WritingKey(#[source] Box<dyn Error + Send + Sync>),
    /// The new key is in use, but not what is known about it: it will be renewed once more.
    #[error("the new key is in use, but its end could not be written down")]
    WritingRecord(#[source] Box<dyn Error + Send + Sync>),
}

impl RenewalError {
    /// The failure with all its causes, in one line.
    #[must_use]
    pub fn told(&self) -> String {
        told(self)
    }
}
