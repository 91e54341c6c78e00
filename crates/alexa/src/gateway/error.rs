//! What the gateway says instead of 202, and what is to be done about it.

use std::error::Error;

use http::StatusCode;
use http_client::NoAnswer;
use serde::Deserialize;

/// Why an event is not known to be accepted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It cannot be sent at all.
    #[error("the event cannot be sent")]
    Unsendable(#[source] Box<dyn Error + Send + Sync>),
    /// No answer.
    #[error("the event gateway cannot be reached")]
    NoAnswer(#[from] NoAnswer),
    /// An answer that is not 202.
    #[error("the event gateway answered {status}: {code} {description}{}", self.hint())]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// Amazon's word for it, like `INVALID_ACCESS_TOKEN_EXCEPTION`; empty if it gave none.
        code: String,
        /// Amazon's words about it.
        description: String,
    },
}

/// What is to be done about an event that is not known to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing was sent: try again when there is a connection.
    Unsent,
    /// It was sent, and there was no answer: it may have been accepted.
    Unknown,
    /// It was refused for a reason that passes: at most three more tries, a second or more apart.
    Passing,
    /// The access token is not accepted: refresh it, and send once more.
    Token,
    /// It will not be accepted before somebody acts.
    Terminal(Terminal),
    /// A fault of this program, or of what answers in Amazon's place; not to be sent again.
    Ours,
}

/// What somebody has to act upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// The customer has disabled the skill: his grant is over.
    SkillDisabled,
    /// No enablement is known in this region; a new one may need some time to be.
    NeverEnabled,
    /// The skill may not send events, or the grant is older than the permission.
    InsufficientPermission,
    /// No skill belongs to the token, for example after it changed its stage.
    SkillNotFound,
    /// No account belongs to the token.
    AccountNotFound,
}

impl Terminal {
    /// Whether the grant can be forgotten. What else is refused may still be put right without linking again.
    #[must_use]
    pub const fn ends_grant(self) -> bool {
        matches!(self, Self::SkillDisabled)
    }
}

impl SendError {
    /// What is to be done about it: by Amazon's code, and by the status if that is not known.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Unsendable(_) => Class::Ours,
            Self::NoAnswer(NoAnswer::Unreachable(_)) => Class::Unsent,
            Self::NoAnswer(NoAnswer::Broken(_) | NoAnswer::Late(_) | NoAnswer::Oversized) => Class::Unknown,
            Self::Refused { status, code, .. } => class_of(*status, code),
        }
    }

    pub(super) fn refused(status: StatusCode, body: &[u8]) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Exception {
            payload: Payload,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Payload {
            code: String,
            description: String,
        }
        let Exception { payload } = serde_json::from_slice(body).unwrap_or_default();
        Self::Refused { status, code: payload.code, description: payload.description }
    }

    fn hint(&self) -> &'static str {
        match self.class() {
            Class::Terminal(Terminal::SkillDisabled) => "; enable the skill again in the Alexa app",
            Class::Terminal(Terminal::NeverEnabled) => {
                "; does the customer's account belong to another region of Alexa?"
            }
            Class::Terminal(Terminal::InsufficientPermission) => {
                "; switch on \"Send Alexa Events\" for the skill, then disable and enable it in the Alexa app"
            }
            Class::Terminal(Terminal::SkillNotFound | Terminal::AccountNotFound) => {
                "; disable and enable the skill in the Alexa app"
            }
            Class::Unsent | Class::Unknown | Class::Passing | Class::Token | Class::Ours => "",
        }
    }
}

/// The table of developer.amazon.com, send-events-to-the-alexa-event-gateway, "Error response codes".
fn class_of(status: StatusCode, code: &str) -> Class {
    match code {
        "INVALID_ACCESS_TOKEN_EXCEPTION" => Class::Token,
        "SKILL_DISABLED_EXCEPTION" => Class::Terminal(Terminal::SkillDisabled),
        "SKILL_NEVER_ENABLED_EXCEPTION" => Class::Terminal(Terminal::NeverEnabled),
        "INSUFFICIENT_PERMISSION_EXCEPTION" => Class::Terminal(Terminal::InsufficientPermission),
        "SKILL_NOT_FOUND_EXCEPTION" => Class::Terminal(Terminal::SkillNotFound),
        "ACCOUNT_NOT_FOUND_EXCEPTION" => Class::Terminal(Terminal::AccountNotFound),
        "THROTTLING_EXCEPTION" | "INTERNAL_SERVICE_EXCEPTION" | "SERVICE_UNAVAILABLE_EXCEPTION" => {
            Class::Passing
        }
        _ => match status {
            StatusCode::UNAUTHORIZED => Class::Token,
            StatusCode::TOO_MANY_REQUESTS => Class::Passing,
            status if status.is_server_error() => Class::Passing,
            _ => Class::Ours,
        },
    }
}
