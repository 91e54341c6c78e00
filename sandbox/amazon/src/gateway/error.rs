//! What the gateway refuses, and how it says so.

use http::StatusCode;
use serde_json::json;

use crate::reply::{self, Answer};
use crate::world::World;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayError {
    /// 400: the message is not what it should be; with what is wrong, for the record alone.
    InvalidRequest(String),
    /// 401: the token is unknown, has expired, or is for something else.
    InvalidAccessToken,
    /// 403: the customer has disabled the skill.
    SkillDisabled,
    /// 403: the customer never enabled it, or belongs to another region.
    SkillNeverEnabled,
    /// 403: the skill may not send events, by its manifest or by the customer's word.
    InsufficientPermission,
    /// 404: no skill belongs to the token.
    SkillNotFound,
    /// 404: no account belongs to the token.
    AccountNotFound,
    /// 413: too many bytes, or too many endpoints.
    RequestEntityTooLarge,
    /// 429: too many events.
    Throttling,
    /// 500.
    InternalService,
    /// 503.
    ServiceUnavailable,
}

impl GatewayError {
    /// Every error that is documented.
    pub const ALL: [Self; 11] = [
        Self::InvalidRequest(String::new()),
        Self::InvalidAccessToken,
        Self::SkillDisabled,
        Self::SkillNeverEnabled,
        Self::InsufficientPermission,
        Self::SkillNotFound,
        Self::AccountNotFound,
        Self::RequestEntityTooLarge,
        Self::Throttling,
        Self::InternalService,
        Self::ServiceUnavailable,
    ];

    /// The documented error with this code.
    #[must_use]
    pub fn documented(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error| error.code() == code)
    }

    /// The `code` of the body.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.documentation().1
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.documentation().0
    }

    pub(crate) fn answer(&self, world: &mut World) -> Answer {
        let (status, code, description) = self.documentation();
        let body = json!({
            "header": {"namespace": "System", "name": "Exception", "messageId": world.message_id()},
            "payload": {"code": code, "description": description},
        });
        let reason = if let Self::InvalidRequest(what) = self { what } else { description };
        let response = reply::json(status, "application/json", &body);
        Answer { response, error: Some(code), reason: Some(reason.to_owned()) }
    }

    /// Amazon's own words where they were seen: `InvalidRequest` and `SkillDisabled`.
    fn documentation(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidRequest(_) => {
                (StatusCode::BAD_REQUEST, "INVALID_REQUEST_EXCEPTION", "The request was malformed.")
            }
            Self::InvalidAccessToken => (
                StatusCode::UNAUTHORIZED,
                "INVALID_ACCESS_TOKEN_EXCEPTION",
                "The access token is invalid, expired or malformed.",
            ),
            Self::SkillDisabled => (
                StatusCode::FORBIDDEN,
                "SKILL_DISABLED_EXCEPTION",
                "The user does not have a valid enablement for your skill.",
            ),
            Self::SkillNeverEnabled => (
                StatusCode::FORBIDDEN,
                "SKILL_NEVER_ENABLED_EXCEPTION",
                "The user has never enabled your skill in this region.",
            ),
            Self::InsufficientPermission => (
                StatusCode::FORBIDDEN,
                "INSUFFICIENT_PERMISSION_EXCEPTION",
                "The token does not have the permission to send events.",
            ),
            Self::SkillNotFound => {
                (StatusCode::NOT_FOUND, "SKILL_NOT_FOUND_EXCEPTION", "No skill is associated with the token.")
            }
            Self::AccountNotFound => (
                StatusCode::NOT_FOUND,
                "ACCOUNT_NOT_FOUND_EXCEPTION",
                "The account record is absent or has expired.",
            ),
            Self::RequestEntityTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "REQUEST_ENTITY_TOO_LARGE_EXCEPTION",
                "The payload is too large or has more than 300 endpoints.",
            ),
            Self::Throttling => {
                (StatusCode::TOO_MANY_REQUESTS, "THROTTLING_EXCEPTION", "Too many requests were sent.")
            }
            Self::InternalService => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_SERVICE_EXCEPTION",
                "An internal error happened in the service.",
            ),
            Self::ServiceUnavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "SERVICE_UNAVAILABLE_EXCEPTION",
                "The service is not available now.",
            ),
        }
    }
}
