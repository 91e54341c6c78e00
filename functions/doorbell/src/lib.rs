//! The doorbell's Lambda function: it tells Alexa which bells there are, takes the customer's grant to ring through his
//! Echo devices, and says whether a bell is there. Ringing itself is the daemon's, which reads the grant from the table.
//!
//! ```text
//! Alexa ──> lambda ──> Doorbell::answer ── Discover ──────> bells, from SSM
//!                          │           ── AcceptGrant ───> Login with Amazon ──> the table
//!                          │           ── ReportState ───> the daemon's heartbeat, from the table
//!                          └── Failure ──> AlexaEvent (an error of the right form)
//! ```

mod answer;
mod bell;
mod failure;
mod grant;
mod log;
mod parameters;
mod persistence;
mod settings;

use std::time::SystemTime;

pub use answer::{Answer, Doorbell};
pub use bell::Bell;
use function::lambda::{self, LONGEST_DIRECTIVE};
pub use log::DirectiveLog;
pub use settings::{Settings, VARIABLES};

/// Why the function cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// TLS could not be set up.
    #[error("https cannot be used")]
    Tls(#[from] rustls::Error),
    /// Lambda's runtime API failed.
    #[error(transparent)]
    Lambda(lambda::Error),
}

/// Answers directives until Lambda ends the function.
///
/// # Errors
/// See [`ServeError`].
pub async fn serve(settings: Settings) -> Result<(), ServeError> {
    let doorbell = Doorbell::new(settings)?;
    doorbell.prepare(SystemTime::now()).await;
    let answer = async |event: bytes::Bytes, deadline, function: &str| {
        let answer = doorbell.answer(&event, SystemTime::now(), deadline).await;
        answer.log.write(function, SystemTime::now(), &mut std::io::stderr());
        answer.event
    };
    lambda::run(LONGEST_DIRECTIVE, &answer).await.map_err(ServeError::Lambda)
}
