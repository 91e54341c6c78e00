//! What can be wrong, in Alexa's words.

use serde::{Deserialize, Serialize};

/// The `type` of an ErrorResponse, of those that need nothing beside it (developer.amazon.com, alexa-errorresponse).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorType {
    /// What leads to the endpoint is not there: for porch, Home Assistant.
    BridgeUnreachable,
    /// The endpoint is not there.
    EndpointUnreachable,
    /// The linked user's token has expired.
    ExpiredAuthorizationCredential,
    /// The linked user's token is not accepted.
    InvalidAuthorizationCredential,
    /// Not a directive for this skill, or malformed.
    InvalidDirective,
    /// There is no such endpoint, or not any more.
    NoSuchEndpoint,
    /// The last resort.
    InternalError,
}

impl ErrorType {
    /// The word that Alexa knows it by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BridgeUnreachable => "BRIDGE_UNREACHABLE",
            Self::EndpointUnreachable => "ENDPOINT_UNREACHABLE",
            Self::ExpiredAuthorizationCredential => "EXPIRED_AUTHORIZATION_CREDENTIAL",
            Self::InvalidAuthorizationCredential => "INVALID_AUTHORIZATION_CREDENTIAL",
            Self::InvalidDirective => "INVALID_DIRECTIVE",
            Self::NoSuchEndpoint => "NO_SUCH_ENDPOINT",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }
}
