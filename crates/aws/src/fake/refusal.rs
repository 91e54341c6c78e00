//! Answers that are no success.

use http::StatusCode;
use serde_json::json;

/// What a service says instead of doing what it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not with these credentials.
    Denied(String),
    /// Too much at once, as DynamoDB says it.
    Throttled,
    /// A fault of the service.
    InternalError,
    /// The caller's clock is wrong.
    SignatureExpired,
    /// The signature is not that of the request.
    WrongSignature,
    /// The request is not one that the service understands.
    Invalid(String),
    /// There is no such table.
    NoTable,
    /// What is asked for is not there: AWS's word for it, and about what.
    Absent(&'static str, String),
    /// The condition is not met.
    ConditionFailed,
    /// The answer never comes, though what was asked for is done.
    LostAnswer,
}

impl Refusal {
    /// Status and body, as services that speak XML have them.
    pub(super) fn xml(&self) -> (StatusCode, String) {
        let (status, kind) = match self {
            Self::Denied(_) => (StatusCode::FORBIDDEN, "AccessDenied"),
            Self::Throttled => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
            Self::InternalError | Self::LostAnswer => (StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
            Self::SignatureExpired => (StatusCode::FORBIDDEN, "RequestTimeTooSkewed"),
            Self::WrongSignature => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
            Self::Invalid(_) | Self::NoTable | Self::Absent(..) | Self::ConditionFailed => {
                (StatusCode::BAD_REQUEST, "InvalidRequest")
            }
        };
        let message = format!("{self:?}").replace(['<', '&'], "");
        let body = format!("<Error><Code>{kind}</Code><Message>{message}</Message></Error>");
        (status, body)
    }

    /// Status and body, as services that speak JSON have them.
    pub(super) fn json(&self) -> (StatusCode, String) {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        let (status, kind, message) = match self {
            Self::Denied(what) => (BAD, "AccessDeniedException", format!("not authorized: {what}")),
            Self::Throttled => (
                BAD,
                "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded.".to_owned(),
            ),
            Self::InternalError | Self::LostAnswer => {
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", String::new())
            }
            Self::SignatureExpired => (
                BAD,
                "com.amazon.coral.service#InvalidSignatureException",
                "Signature expired: 20260301T000000Z is now earlier than 20260301T001500Z".to_owned(),
            ),
            Self::WrongSignature => (
                BAD,
                "com.amazon.coral.service#InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided.".to_owned(),
            ),
            Self::Invalid(why) => (BAD, "com.amazon.coral.validate#ValidationException", why.clone()),
            Self::NoTable => (
                BAD,
                "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
                "Requested resource not found".to_owned(),
            ),
            Self::Absent(kind, what) => (BAD, *kind, format!("{what} does not exist")),
            Self::ConditionFailed => (
                BAD,
                "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
                "The conditional request failed".to_owned(),
            ),
        };
        (status, json!({ "__type": kind, "message": message }).to_string())
    }
}
