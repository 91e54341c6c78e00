//! What Login with Amazon refuses, and how it says so.

use http::header::{HeaderMap, HeaderName};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::reply::{self, Answer};

/// Every answer of Login with Amazon is of this type.
pub(super) const CONTENT_TYPE: &str = "application/json;charset=UTF-8";
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const INVALID_GRANT_TYPE: &str =
    "OA2InvalidGrantException:http://internal.amazon.com/coral/com.amazon.panda/";

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LwaError {
    /// A parameter is absent, given twice, malformed or not one of this request; with what is wrong.
    InvalidRequest(&'static str),
    /// The client is unknown or its secret is wrong.
    InvalidClient,
    /// What was presented is unknown, used up, expired, revoked or another client's.
    InvalidGrant(Presented),
    /// The client may not use this grant type.
    UnauthorizedClient,
    /// The grant type is none of the two.
    UnsupportedGrantType,
    /// What Amazon answers when the parameters stand in the query instead of the body.
    InternalFailure,
    /// The profile was asked for with a token that is unknown or has expired.
    InvalidToken,
    /// The profile was asked for with a token for something else.
    InsufficientScope,
}

/// What a client presents for tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// A code.
    Code,
    /// A refresh token.
    RefreshToken,
}

impl LwaError {
    /// The documented error of the token endpoint with this code.
    #[must_use]
    pub fn of_token(code: &str) -> Option<Self> {
        let all = [
            Self::InvalidRequest("scripted"),
            Self::InvalidClient,
            Self::InvalidGrant(Presented::RefreshToken),
            Self::UnauthorizedClient,
            Self::UnsupportedGrantType,
            Self::InternalFailure,
        ];
        all.into_iter().find(|error| error.code() == code)
    }

    /// The documented error of the profile with this code.
    #[must_use]
    pub fn of_profile(code: &str) -> Option<Self> {
        let all = [
            Self::InvalidRequest("scripted"),
            Self::InvalidToken,
            Self::InsufficientScope,
            Self::InternalFailure,
        ];
        all.into_iter().find(|error| error.code() == code)
    }

    /// The `error` of the body; for [`Self::InternalFailure`], whose body is empty, the header's.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InternalFailure => "InternalFailure",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::InternalFailure => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InvalidRequest(_)
            | Self::InvalidGrant(_)
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::InvalidToken => StatusCode::BAD_REQUEST,
        }
    }

    pub(crate) fn answer(self) -> Answer {
        let body = if self == Self::InternalFailure {
            json!({})
        } else {
            json!({"error_description": self.description(), "error": self.code()})
        };
        let mut response = reply::json(self.status(), CONTENT_TYPE, &body);
        self.error_type(response.headers_mut());
        let reason = if let Self::InvalidRequest(what) = self { what } else { self.description() };
        Answer { response, error: Some(self.code()), reason: Some(reason.to_owned()) }
    }

    fn description(self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => {
                "The request is missing a required parameter, includes an invalid value, or is otherwise malformed"
            }
            Self::InvalidClient => "Client authentication failed",
            Self::InvalidGrant(Presented::Code) => "The request has an invalid grant parameter : code",
            Self::InvalidGrant(Presented::RefreshToken) => {
                "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the \
                 permission."
            }
            Self::UnauthorizedClient => "The client is not authorized to use this authorization grant type",
            Self::UnsupportedGrantType => {
                "The authorization grant type is not supported by the authorization server"
            }
            Self::InternalFailure => "parameters in the query, or none that the endpoint could read",
            Self::InvalidToken => "The request has an invalid parameter : access_token",
            Self::InsufficientScope => "The access token does not have access to the requested resource",
        }
    }

    fn error_type(self, headers: &mut HeaderMap) {
        let known = match self {
            Self::InvalidGrant(_) => INVALID_GRANT_TYPE,
            Self::InternalFailure => "InternalFailure",
            Self::InvalidRequest(_)
            | Self::InvalidClient
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::InvalidToken
            | Self::InsufficientScope => return,
        };
        headers.insert(ERROR_TYPE, HeaderValue::from_static(known));
    }
}
