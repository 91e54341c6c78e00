//! What can go wrong with a registry, and what a person does about it.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use oci_client::errors::OciDistributionError;

use super::Repository;

/// Why the registry did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistryError {
    #[error(
        "not logged in to AWS; log in with `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, and run pulumi again\n{reason}"
    )]
    NotLoggedIn { reason: String },
    #[error(
        "{repository} does not allow {action}: {reason}; give the user or role that runs pulumi this permission"
    )]
    Forbidden { repository: String, action: String, reason: String },
    #[error(
        "{repository} does not exist; create it first, with a resource that this one takes its repositoryUrl from"
    )]
    NoRepository { repository: String },
    #[error(
        "{repository} has the immutable tag {tag} for another image; remove that image, or change a source"
    )]
    TagTaken { repository: String, tag: String },
    #[error("{repository} cannot be reached: {reason}; check the network and run pulumi again")]
    Unreachable { repository: String, reason: String },
    #[error(
        "{repository} refused {action}: {reason}; nothing was deployed, and `pulumi up` goes on from here"
    )]
    Refused { repository: String, action: String, reason: String },
    #[error("{repository} keeps {digest}: {reason}; remove what still uses the image and run pulumi again")]
    Kept { repository: String, digest: String, reason: String },
    #[error("ECR answered ecr:GetAuthorizationToken without a user name and password")]
    OddLogin,
    #[error("the push to {repository} was stopped after {minutes} minutes; `pulumi up` goes on from here")]
    TooLong { repository: String, minutes: u64 },
    #[error("the push to {repository} was cancelled; nothing was deployed")]
    Cancelled { repository: String },
}

impl RegistryError {
    /// The error of a signed call; `action` is the permission it takes.
    pub(super) fn of_api<E>(action: &str, repository: String, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let action = action.to_owned();
        let said = error.message().unwrap_or_default().to_owned();
        match error.code() {
            Some("RepositoryNotFoundException") => return Self::NoRepository { repository },
            Some("AccessDeniedException") => return Self::Forbidden { repository, action, reason: said },
            Some(
                code @ ("ExpiredTokenException"
                | "UnrecognizedClientException"
                | "InvalidSignatureException"
                | "InvalidClientTokenId"),
            ) => return Self::NotLoggedIn { reason: format!("{code}: {said}") },
            Some(code) => return Self::Refused { repository, action, reason: format!("{code}: {said}") },
            None => (),
        }
        if let Some(reason) = credentials_error(error) {
            return Self::NotLoggedIn { reason };
        }
        let reason = chain(error);
        if matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)) {
            Self::Unreachable { repository, reason }
        } else {
            Self::Refused { repository, action, reason }
        }
    }

    /// The error of a step of the push; `action` says which: `the push of the manifest`.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the client's other errors are only told, not told apart"
    )]
    pub(super) fn of_push(
        action: &str,
        repository: &Repository,
        tag: &str,
        error: OciDistributionError,
    ) -> Self {
        let (action, repository) = (action.to_owned(), repository.to_string());
        let (status, reason) = match error {
            OciDistributionError::RequestError(error) => match error.status() {
                Some(status) => (Some(status.as_u16()), status.to_string()),
                None => return Self::Unreachable { repository, reason: chain(&error.without_url()) },
            },
            OciDistributionError::UnauthorizedError { .. } => (Some(401), String::from("401 Unauthorized")),
            OciDistributionError::AuthenticationFailure(reason) => (Some(401), reason),
            // The address is left out: an upload's own holds a key to it.
            OciDistributionError::ServerError { code, message, .. } => {
                (Some(code), format!("{code} {}", registry_message(&message)))
            }
            OciDistributionError::RegistryError { envelope, .. } => (None, envelope.to_string()),
            other => (None, other.to_string()),
        };
        let says = |code: &str| reason.contains(code);
        if says("NAME_UNKNOWN") {
            Self::NoRepository { repository }
        } else if says("TAG_INVALID") || says("ImageTagAlreadyExistsException") {
            Self::TagTaken { repository, tag: tag.to_owned() }
        } else if status == Some(401) {
            Self::NotLoggedIn {
                reason: format!("the registry refused its own password for {action}: {reason}"),
            }
        } else if status == Some(403) || says("DENIED") {
            Self::Forbidden { repository, action, reason }
        } else {
            Self::Refused { repository, action, reason }
        }
    }
}

/// A registry's answer in one line: `CODE: message` of its JSON, or the text as it is.
fn registry_message(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let error = &json["errors"][0];
    match (error["code"].as_str(), error["message"].as_str()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        _ => body.trim().to_owned(),
    }
}

/// What the credential chain says, if that is where the error comes from.
fn credentials_error(error: &(dyn Error + 'static)) -> Option<String> {
    let mut error = Some(error);
    while let Some(this) = error {
        if this.is::<CredentialsError>() {
            return Some(chain(this));
        }
        error = this.source();
    }
    None
}

/// An error with its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(this) = cause {
        text.push_str(": ");
        text.push_str(&this.to_string());
        cause = this.source();
    }
    text
}
