//! What Login with Amazon says instead of tokens, and what is to be done about it.

use http::StatusCode;
use http_client::NoAnswer;
use serde::Deserialize;

/// Why there are no tokens, or no profile.
#[derive(Debug, thiserror::Error)]
pub enum LwaError {
    /// No answer.
    #[error("login with amazon cannot be reached")]
    NoAnswer(#[from] NoAnswer),
    /// An answer that is no success.
    #[error("login with amazon answered {status}: {error} {description}{}", self.hint())]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// OAuth's word for it, like `invalid_grant`; empty if it gave none.
        error: String,
        /// Amazon's words about it.
        description: String,
    },
    /// Success, but not what the call answers.
    #[error("login with amazon answered something that is not understood")]
    Malformed,
    /// The request could not be made: the token has characters that no token has.
    #[error("the token has characters that no token of login with amazon has")]
    UnusableToken,
}

/// What is to be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The code or refresh token is used up, or the customer took the right back: it will never be good again.
    GrantEnded,
    /// The client's id or secret is wrong: whoever runs porch has to act. The grant is as good as before.
    Client,
    /// The access token is not accepted: it has ended, or is of another kind.
    Token,
    /// It passes: try again, after a pause.
    Passing,
    /// A fault of this program, or of what answers in Amazon's place.
    Ours,
}

impl LwaError {
    /// What is to be done about it. Only `invalid_grant` ends a grant; what is not known is taken for passing, because
    /// a grant that is thrown away needs the customer to link again.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::NoAnswer(NoAnswer::Oversized) | Self::Malformed | Self::UnusableToken => Class::Ours,
            Self::NoAnswer(_) => Class::Passing,
            Self::Refused { error, .. } => match error.as_str() {
                "invalid_grant" => Class::GrantEnded,
                "invalid_token" => Class::Token,
                "invalid_client" | "unauthorized_client" => Class::Client,
                "invalid_request" | "unsupported_grant_type" | "invalid_scope" => Class::Ours,
                _ => Class::Passing,
            },
        }
    }

    pub(super) fn refused(status: StatusCode, body: &[u8]) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Refusal {
            error: String,
            error_description: String,
        }
        let Refusal { error, error_description } = serde_json::from_slice(body).unwrap_or_default();
        Self::Refused { status, error, description: error_description }
    }

    fn hint(&self) -> &'static str {
        match self.class() {
            Class::GrantEnded => {
                "; if the skill is linked, are its client id and secret those of its Permissions page?"
            }
            Class::Client => "; the client id and secret must be those of the skill's Permissions page",
            Class::Token | Class::Passing | Class::Ours => "",
        }
    }
}
