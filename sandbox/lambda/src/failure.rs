//! Why an invocation got no answer from a function, and how Lambda's API says it.

use http::StatusCode;
use serde_json::json;

use crate::emulator::EmulatorError;
use crate::environment::StartError;
use crate::function::WrongConfiguration;
use crate::image::ImageError;

/// The largest event of a synchronous invocation, in bytes.
pub const LARGEST_EVENT: usize = 6_291_456;

/// An invocation that no function answered.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The name is none that Lambda allows.
    #[error("`{0}` is no function name: letters, digits, - and _, at most 64, or the function's ARN")]
    WrongName(String),
    /// The event is not JSON.
    #[error("could not parse request body into json: {0}")]
    NotJson(#[source] serde_json::Error),
    /// More than [`LARGEST_EVENT`].
    #[error("request must be smaller than {LARGEST_EVENT} bytes for the InvokeFunction operation")]
    TooLarge,
    /// The request's body broke off.
    #[error("the request's body broke off: {0}")]
    BrokenOff(#[source] axum::Error),
    /// Something this runner does not do.
    #[error("{0} is not supported by this runner, only RequestResponse of $LATEST is")]
    Unsupported(String),
    /// More invocations wait than the queue holds.
    #[error(
        "rate exceeded: {0} invocations of this function are waiting already, and one runs at a time here"
    )]
    TooMany(usize),
    /// The emulator did not tell what to run, or with which credentials.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// The function cannot run here.
    #[error(transparent)]
    Configuration(#[from] WrongConfiguration),
    /// The image could not be had.
    #[error(transparent)]
    Image(Box<ImageError>),
    /// The environment did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The runner is ending.
    #[error("the runner is ending, start it again")]
    Ending,
}

impl From<ImageError> for InvokeError {
    fn from(error: ImageError) -> Self {
        Self::Image(Box::new(error))
    }
}

impl InvokeError {
    /// Status and error code, as Lambda's Invoke API documents them.
    pub fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::WrongName(_) => (StatusCode::BAD_REQUEST, "ValidationException"),
            Self::NotJson(_) | Self::BrokenOff(_) => {
                (StatusCode::BAD_REQUEST, "InvalidRequestContentException")
            }
            Self::Unsupported(_) => (StatusCode::BAD_REQUEST, "InvalidParameterValueException"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
            Self::Emulator(EmulatorError::NotFound(_)) => {
                (StatusCode::NOT_FOUND, "ResourceNotFoundException")
            }
            Self::Configuration(_) => (StatusCode::BAD_GATEWAY, "InvalidRuntimeException"),
            Self::Image(_) => (StatusCode::BAD_GATEWAY, "InvalidImage"),
            Self::Emulator(_) | Self::Start(_) | Self::Ending => {
                (StatusCode::INTERNAL_SERVER_ERROR, "ServiceException")
            }
        }
    }

    /// The body of the answer.
    pub fn body(&self) -> String {
        let whose = if self.code().0.is_server_error() { "Service" } else { "User" };
        json!({"Type": whose, "Message": self.to_string()}).to_string()
    }
}
