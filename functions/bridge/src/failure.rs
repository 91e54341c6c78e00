//! Everything that can keep Home Assistant's answer away, and what Alexa is told about each.

use std::error::Error;
use std::sync::Arc;

use alexa::{ErrorType, Invalid};
use http::StatusCode;
use http_client::told;
use tailnet::{DialError, NotRunning, StartError};

use crate::secrets::SecretsError;
use crate::tls::HandshakeError;

/// Why Home Assistant's reply is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// What came is not a directive that can be forwarded.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// More bytes than any directive has.
    #[error("the event has {0} bytes, more than a directive may have")]
    Oversized(usize),
    /// Neither the directive nor the settings have a token for Home Assistant.
    #[error("the directive has no token, and LONG_LIVED_ACCESS_TOKEN is not set; link the skill again")]
    NoToken,
    /// The token cannot be sent.
    #[error("the token has characters that no token of home assistant has")]
    UnusableToken,
    /// The secrets could not be fetched.
    #[error(transparent)]
    Secrets(#[from] Arc<SecretsError>),
    /// `tailscaled` could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// `tailscaled` has no way into the tailnet.
    #[error(transparent)]
    NotRunning(#[from] NotRunning),
    /// Home Assistant and the bridge did not agree on TLS: one of them does not accept the other's certificate.
    #[error(transparent)]
    Handshake(HandshakeError),
    /// No connection: unknown name, refused, stalled.
    #[error("home assistant cannot be reached")]
    Connect(#[source] hyper_util::client::legacy::Error),
    /// No connection, for one that was made by itself.
    #[error("home assistant cannot be reached")]
    Dial(#[source] DialError),
    /// The connection broke before the whole reply was there. What the directive asked for may have happened.
    #[error("the connection to home assistant broke before its reply was complete")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
    /// Time is up.
    #[error("{0} did not come in time")]
    Late(&'static str),
    /// An answer that is no success.
    #[error("home assistant answered {0}{hint}", hint = hint(*.0))]
    Status(StatusCode),
    /// More bytes than a reply may have.
    #[error("home assistant's reply is longer than any should be")]
    OversizedReply,
    /// An answer that is none of a token endpoint's.
    #[error(
        "home assistant's answer ({0}) is none of its token endpoint's; does BASE_URL lead to home assistant?"
    )]
    NotATokenAnswer(StatusCode),
    /// Success, but with something else than an Alexa event.
    #[error("home assistant's reply is not an alexa event; does BASE_URL lead to home assistant?")]
    NotAnEvent,
}

impl Failure {
    /// What Alexa is told: the one place where a failure becomes a type.
    ///
    /// The types' meanings are Amazon's (developer.amazon.com, alexa-errorresponse). 404 is how Home Assistant answers
    /// while its Alexa integration is off, for which its own cloud says BRIDGE_UNREACHABLE.
    pub(crate) fn error_type(&self) -> ErrorType {
        match self {
            Self::Invalid(_) | Self::Oversized(_) => ErrorType::InvalidDirective,
            Self::NoToken | Self::UnusableToken => ErrorType::InvalidAuthorizationCredential,
            Self::Status(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                ErrorType::InvalidAuthorizationCredential
            }
            Self::Start(_)
            | Self::NotRunning(_)
            | Self::Handshake(_)
            | Self::Connect(_)
            | Self::Dial(_)
            | Self::Broken(_)
            | Self::Late(_) => ErrorType::BridgeUnreachable,
            Self::Status(
                StatusCode::NOT_FOUND
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT,
            ) => ErrorType::BridgeUnreachable,
            Self::Secrets(_)
            | Self::Status(_)
            | Self::OversizedReply
            | Self::NotATokenAnswer(_)
            | Self::NotAnEvent => ErrorType::InternalError,
        }
    }

    /// Whether another way to Home Assistant might have brought its reply, and may be tried: if nothing was sent yet, or
    /// what was sent is `repeatable`.
    pub(crate) fn is_of_the_way(&self, repeatable: bool) -> bool {
        match self {
            Self::NotRunning(_) | Self::Connect(_) | Self::Dial(_) => true,
            Self::Broken(_) => repeatable,
            Self::Invalid(_)
            | Self::Oversized(_)
            | Self::NoToken
            | Self::UnusableToken
            | Self::Secrets(_)
            | Self::Start(_)
            | Self::Handshake(_)
            | Self::Late(_)
            | Self::Status(_)
            | Self::OversizedReply
            | Self::NotATokenAnswer(_)
            | Self::NotAnEvent => false,
        }
    }

    /// The failure with all its causes, in one line.
    pub(crate) fn told(&self) -> String {
        told(self)
    }
}

fn hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "; it does not accept the token, so link the skill again",
        StatusCode::FORBIDDEN => "; it may have banned the address of the bridge after failed logins",
        StatusCode::NOT_FOUND => "; is alexa: smart_home: in its configuration, and BASE_URL right?",
        StatusCode::SERVICE_UNAVAILABLE => "; it is starting or stopping",
        redirect if redirect.is_redirection() => {
            "; redirects are not followed, so BASE_URL must lead there itself"
        }
        _ => "",
    }
}
