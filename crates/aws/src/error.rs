//! What can keep an answer away, and what is to be done about each.

use http::StatusCode;
use http_client::NoAnswer;
use serde::Deserialize;

use crate::access::Service;

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The request could not be made or signed.
    #[error("the request could not be signed")]
    Unsigned(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer.
    #[error("{} cannot be reached", service.name())]
    NoAnswer {
        /// The service.
        service: Service,
        /// Why not.
        source: NoAnswer,
    },
    /// An answer that is no success.
    #[error("{} answered {status}: {kind} {message}{}", service.name(), self.hint())]
    Refused {
        /// The service.
        service: Service,
        /// The HTTP status.
        status: StatusCode,
        /// AWS's word for it, like `ThrottlingException`; empty if it gave none.
        kind: String,
        /// AWS's words about it.
        message: String,
    },
    /// Success, but not what the call answers.
    #[error("{} answered something that is not understood", .0.name())]
    Malformed(Service),
    /// There is more than can be porch's.
    #[error("the {what} has more in it than porch would ever put there")]
    Oversized {
        /// What is too large.
        what: &'static str,
    },
    /// What is asked for does not exist.
    #[error("there is no {0}")]
    Absent(String),
}

/// What is to be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It passes: try again, after a pause.
    Passing,
    /// This machine's clock is wrong: try again when it is right.
    Clock,
    /// These credentials may not do that, or are none: somebody has to act.
    Denied,
    /// The table, item or parameter is not there: somebody has to act.
    Absent,
    /// A fault of this program, or of what answers in AWS's place.
    Ours,
}

/// Kinds that are about what is not there.
const ABSENT: [&str; 6] = [
    "NoSuchBucket",
    "NoSuchEntity",
    "NoSuchKey",
    "ParameterNotFound",
    "RepositoryNotFoundException",
    "ResourceNotFoundException",
];

/// What DynamoDB and the others say when it is too much at once, or a fault of their own (AWS, "Common errors" of each
/// service; "Error handling with DynamoDB").
const PASSING: [&str; 7] = [
    "InternalFailure",
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
];

/// Kinds that are about who calls.
const DENIED: [&str; 12] = [
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
];

impl From<http::Error> for CallError {
    fn from(error: http::Error) -> Self {
        Self::Unsigned(error.into())
    }
}

impl CallError {
    /// What is to be done about it.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Unsigned(_) | Self::Malformed(_) | Self::Oversized { .. } => Class::Ours,
            Self::NoAnswer { source: NoAnswer::Oversized, .. } => Class::Ours,
            Self::NoAnswer { .. } => Class::Passing,
            Self::Absent(_) => Class::Absent,
            Self::Refused { status, kind, message, .. } => class_of(*status, kind, message),
        }
    }

    /// An answer that is no success, in JSON or XML, as the service has it.
    pub(crate) fn refused(service: Service, status: StatusCode, answer: &[u8]) -> Self {
        let (kind, message) = match service {
            Service::DynamoDb
            | Service::Ecr
            | Service::Lambda
            | Service::Logs
            | Service::Scheduler
            | Service::Ssm => json_refusal(answer),
            Service::Iam | Service::Sts => crate::xml::refusal(answer),
            Service::S3 => crate::s3::refusal(status, answer),
        };
        Self::Refused { service, status, kind, message }
    }

    fn hint(&self) -> &'static str {
        match (self.class(), self) {
            (Class::Clock, _) => "; is the clock right?",
            (Class::Denied, Self::Refused { service: Service::Sts, .. }) => {
                "; is outbound identity federation switched on in the account, and may these credentials get a token?"
            }
            (Class::Denied, _) => "; may these credentials do that?",
            (Class::Passing | Class::Absent | Class::Ours, _) => "",
        }
    }
}

fn class_of(status: StatusCode, kind: &str, message: &str) -> Class {
    let clock = matches!(kind, "RequestExpired" | "RequestTimeTooSkewed")
        || message.starts_with("Signature expired")
        || message.starts_with("Signature not yet current");
    if clock {
        Class::Clock
    } else if PASSING.contains(&kind) || status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        Class::Passing
    } else if ABSENT.contains(&kind) {
        Class::Absent
    } else if DENIED.contains(&kind) || matches!(kind, "InvalidSignatureException" | "SignatureDoesNotMatch")
    {
        Class::Denied
    } else {
        Class::Ours
    }
}

/// `{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": …}`; the part before `#` is not
/// always there.
fn json_refusal(answer: &[u8]) -> (String, String) {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Refusal {
        #[serde(rename = "__type")]
        kind: String,
        #[serde(alias = "Message")]
        message: String,
    }
    let Refusal { kind, message } = serde_json::from_slice(answer).unwrap_or_default();
    let kind = kind.rsplit_once('#').map_or(kind.as_str(), |(_, kind)| kind).to_owned();
    (kind, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_class() {
        let cases = [
            (
                400,
                "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                "",
                Class::Passing,
            ),
            (400, "com.amazon.coral.availability#ThrottlingException", "Rate exceeded", Class::Passing),
            (500, "", "", Class::Passing),
            (503, "ServiceUnavailable", "", Class::Passing),
            (429, "", "", Class::Passing),
            (
                400,
                "InvalidSignatureException",
                "Signature expired: 20260101T000000Z is now earlier",
                Class::Clock,
            ),
            (400, "InvalidSignatureException", "Signature not yet current: 2030", Class::Clock),
            (
                403,
                "InvalidSignatureException",
                "The request signature we calculated does not match",
                Class::Denied,
            ),
            (400, "AccessDeniedException", "User: arn is not authorized", Class::Denied),
            (400, "com.amazon.coral.service#UnrecognizedClientException", "", Class::Denied),
            (400, "ResourceNotFoundException", "Requested resource not found", Class::Absent),
            (400, "com.amazon.coral.validate#ValidationException", "", Class::Ours),
            (404, "", "", Class::Ours),
        ];
        for (status, kind, message, wanted) in cases {
            let body = serde_json::json!({"__type": kind, "message": message}).to_string();
            let status = StatusCode::from_u16(status).expect("a status");
            let error = CallError::refused(Service::DynamoDb, status, body.as_bytes());
            assert_eq!(error.class(), wanted, "{error}");
        }
    }

    #[test]
    fn a_refusal_without_words_is_told_by_its_status() {
        let error = CallError::refused(Service::Ssm, StatusCode::FORBIDDEN, b"<html>");
        assert_eq!(error.to_string().trim(), "ssm answered 403 Forbidden:");
    }
}
