//! Why something has not come about, by what the caller can do about it.

use std::time::Duration;

use alexa::lwa::LwaError;
use http::StatusCode;
use http_client::NoAnswer;

use crate::call::Call;
use crate::id::SkillId;
use crate::refusal::{Problem, Refusal, untriggered};

/// Why something has not come about.
#[derive(Debug, thiserror::Error)]
pub enum SmapiError {
    /// It would be refused again, until somebody does something about it.
    #[error("amazon refused {call} with {status}: {refusal}{}", self.hint())]
    Refused {
        /// What was asked.
        call: Call,
        /// The HTTP status.
        status: StatusCode,
        /// Amazon's words.
        refusal: Refusal,
    },
    /// Too many requests, or trouble at Amazon, for as long as it was tried.
    #[error("amazon has no answer about {call} now: {status} {refusal}{}", self.hint())]
    Busy {
        /// What was asked.
        call: Call,
        /// The HTTP status.
        status: StatusCode,
        /// Amazon's words.
        refusal: Refusal,
    },
    /// No whole answer.
    #[error("amazon has not answered about {call}{}", self.hint())]
    NoAnswer {
        /// What was asked.
        call: Call,
        /// Why.
        #[source]
        source: NoAnswer,
    },
    /// Success, but not with what was asked for.
    #[error("amazon's answer is not {call} as documented: {why}{}", self.hint())]
    Malformed {
        /// What was asked.
        call: Call,
        /// What is wrong with it.
        why: String,
    },
    /// Amazon took a manifest, looked at it for a while, and refused it. The skill is as it was before.
    #[error("amazon refused the manifest of {skill}: {}{}", told(.problems), self.hint())]
    BuildFailed {
        /// The skill.
        skill: SkillId,
        /// Amazon's words, one by one.
        problems: Vec<Problem>,
    },
    /// Amazon took a manifest, and has been looking at it for longer than anybody waits.
    #[error("amazon still checks the manifest of {skill} after {} s; try again later", .waited.as_secs())]
    BuildUnfinished {
        /// The skill.
        skill: SkillId,
        /// How long was waited.
        waited: Duration,
    },
    /// The request cannot be written: a value has characters that no header can carry.
    #[error("{0} cannot be asked: {1} has characters that it never has")]
    Unwritable(Call, &'static str),
}

impl SmapiError {
    /// The one place where the API's status becomes an error.
    pub(crate) fn of_status(call: Call, status: StatusCode, body: &[u8]) -> Self {
        Self::of_refusal(call, status, Refusal::of_api(body))
    }

    pub(crate) fn of_login(error: LwaError) -> Self {
        let call = Call::AccessToken;
        match error {
            LwaError::NoAnswer(source) => Self::NoAnswer { call, source },
            LwaError::Refused { status, error, description } => {
                let code = Some(error).filter(|error| !error.is_empty());
                Self::of_refusal(call, status, Refusal { code, message: description, violations: Vec::new() })
            }
            LwaError::Malformed => Self::Malformed { call, why: "it has no tokens".into() },
            LwaError::UnusableToken => Self::Unwritable(call, "the refresh token"),
        }
    }

    fn of_refusal(call: Call, status: StatusCode, refusal: Refusal) -> Self {
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            Self::Busy { call, status, refusal }
        } else {
            Self::Refused { call, status, refusal }
        }
    }

    /// Whether there is no such skill, or no such thing of the skill (404).
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.has_status(StatusCode::NOT_FOUND)
    }

    /// Whether it contradicts what is happening to the skill, like a build (409).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.has_status(StatusCode::CONFLICT)
    }

    /// Whether somebody else has changed it since it was read (412): read it again.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.has_status(StatusCode::PRECONDITION_FAILED)
    }

    /// Whether the developer's account is not let in: its refresh token, its client or its scopes are not right.
    #[must_use]
    pub fn is_not_allowed(&self) -> bool {
        match self {
            Self::Refused { call: Call::AccessToken, .. } => true,
            Self::Refused { status, .. } => *status == StatusCode::UNAUTHORIZED || self.lacks_rights(),
            Self::Busy { .. }
            | Self::NoAnswer { .. }
            | Self::Malformed { .. }
            | Self::BuildFailed { .. }
            | Self::BuildUnfinished { .. }
            | Self::Unwritable(..) => false,
        }
    }

    /// Whether Amazon says that the skill cannot be enabled yet, or not by this way at all: a person does it in the Alexa
    /// app.
    #[must_use]
    pub fn is_not_ready(&self) -> bool {
        let is_about_enabling =
            matches!(self, Self::Refused { call: Call::Enable(_), status, .. } if status.is_client_error());
        is_about_enabling && !self.is_unauthorized() && !self.is_gone()
    }

    /// The function that does not let the skill call it, if that is why Amazon refused an endpoint.
    #[must_use]
    pub fn untriggered(&self) -> Option<&str> {
        match self {
            Self::Refused { refusal, .. } => refusal.texts().find_map(untriggered),
            Self::BuildFailed { problems, .. } => {
                problems.iter().find_map(|problem| untriggered(&problem.message))
            }
            Self::Busy { .. }
            | Self::NoAnswer { .. }
            | Self::Malformed { .. }
            | Self::BuildUnfinished { .. }
            | Self::Unwritable(..) => None,
        }
    }

    /// Whether what was asked for may have come about all the same.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::NoAnswer { call: Call::AccessToken, .. }
            | Self::Busy { call: Call::AccessToken, .. }
            | Self::Malformed { call: Call::AccessToken, .. } => false,
            Self::NoAnswer { source, .. } => !matches!(source, NoAnswer::Unreachable(_)),
            // These two say that it was not taken; any other failure of the service says nothing.
            Self::Busy { status, .. } => {
                !matches!(*status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::Malformed { .. } | Self::BuildUnfinished { .. } => true,
            Self::Refused { .. } | Self::BuildFailed { .. } | Self::Unwritable(..) => false,
        }
    }

    /// Whether the answer may be another in a while.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Busy { .. } => true,
            Self::NoAnswer { source, .. } => !matches!(source, NoAnswer::Oversized),
            Self::Refused { .. }
            | Self::Malformed { .. }
            | Self::BuildFailed { .. }
            | Self::BuildUnfinished { .. }
            | Self::Unwritable(..) => false,
        }
    }

    pub(crate) fn is_unauthorized(&self) -> bool {
        self.has_status(StatusCode::UNAUTHORIZED)
            && !matches!(self, Self::Refused { call: Call::AccessToken, .. })
    }

    fn has_status(&self, wanted: StatusCode) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == wanted)
    }

    /// Whether it is a 403 about the developer, and not about the skill.
    fn lacks_rights(&self) -> bool {
        self.has_status(StatusCode::FORBIDDEN) && !self.is_not_ready() && self.untriggered().is_none()
    }

    /// What is to be done about it, with `; ` before it, or nothing.
    fn hint(&self) -> String {
        if let Some(function) = self.untriggered() {
            return permission(function, self.skill());
        }
        match self {
            Self::Refused { call: Call::AccessToken, refusal, .. } => {
                login_hint(refusal.code.as_deref()).into()
            }
            Self::Refused { status, .. } if status.is_redirection() => {
                "; redirects are not followed, so the URL of the API must be right".into()
            }
            Self::Refused { call: Call::Enable(_), .. } if self.is_not_ready() => {
                "; enable it in the Alexa app (More, Skills & Games, Your Skills, Dev)".into()
            }
            Self::Refused { .. } if self.is_unauthorized() => {
                "; a token of this client is not taken, does the refresh token come from a login for skills?"
                    .into()
            }
            Self::Refused { .. } if self.lacks_rights() => {
                let scopes = crate::Access::SCOPES.join(" ");
                format!(
                    "; the refresh token must be for {scopes}, from an account that belongs to the vendor"
                )
            }
            Self::Refused { .. } if self.is_conflict() => {
                "; something else is changing the skill, try again when it is done".into()
            }
            Self::Refused { .. } if self.is_outdated() => {
                "; somebody else has changed it, so it has to be read again".into()
            }
            Self::Busy { call, .. } | Self::NoAnswer { call, .. } | Self::Malformed { call, .. } => {
                self.doubt(call).into()
            }
            Self::Refused { .. }
            | Self::BuildFailed { .. }
            | Self::BuildUnfinished { .. }
            | Self::Unwritable(..) => String::new(),
        }
    }

    fn doubt(&self, call: &Call) -> &'static str {
        if *call == Call::CreateSkill && self.may_be_done() {
            "; there may be a new skill all the same, look for its name before another one is made"
        } else {
            ""
        }
    }

    fn skill(&self) -> Option<&SkillId> {
        match self {
            Self::Refused { call, .. }
            | Self::Busy { call, .. }
            | Self::NoAnswer { call, .. }
            | Self::Malformed { call, .. }
            | Self::Unwritable(call, _) => call.skill(),
            Self::BuildFailed { skill, .. } | Self::BuildUnfinished { skill, .. } => Some(skill),
        }
    }
}

fn login_hint(code: Option<&str>) -> &'static str {
    match code {
        Some("invalid_grant") => {
            "; the refresh token has ended or is of another client, get a new one (`ask util generate-lwa-tokens`)"
        }
        Some("invalid_client" | "unauthorized_client") => {
            "; the client id and secret must be those of a security profile of Login with Amazon, not of a skill"
        }
        _ => "",
    }
}

/// The statement that a function's policy lacks.
fn permission(function: &str, skill: Option<&SkillId>) -> String {
    let skill = skill.map_or("the skill's id".into(), ToString::to_string);
    format!(
        "; the policy of {function} must allow lambda:InvokeFunction to the principal alexa-connectedhome.amazon.com with \
         the EventSourceToken {skill}, before the endpoint names it"
    )
}

fn told(problems: &[Problem]) -> String {
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    if told.is_empty() { "without a word about it".into() } else { told.join("; ") }
}
