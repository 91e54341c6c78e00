//! Why a skill is not what it should be, in words for whoever runs Pulumi.

use http_client::told;
use smapi::{SkillId, SmapiError};

use crate::inputs::{Wrong, list};

/// What can go wrong with a skill.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AlexaError {
    #[error("{}", list(.0))]
    Wrong(Vec<Wrong>),
    #[error("an input is not known yet, and a skill cannot be made with half of its inputs")]
    Unknown,
    #[error(
        "the provider has no developer's account: it needs alexaClientId, alexaClientSecret and alexaRefreshToken, which a \
         stack has from porch:alexa"
    )]
    NoAccount,
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    #[error("`{id}` is no skill's id: {expected}")]
    NoId { id: String, expected: &'static str },
    #[error(
        "there is no skill {0} any more; `pulumi refresh` takes notice of that, and `pulumi up` then makes another"
    )]
    NoSkill(SkillId),
    #[error(
        "{0} belongs to no vendor of this developer's account; the refresh token must come from the account in whose \
         developer console the skill is"
    )]
    NoVendor(SkillId),
    #[error(
        "amazon has made no messaging credentials for {0} yet, although it may send events; `pulumi up` asks again"
    )]
    NoCredentials(SkillId),
    #[error(
        "amazon took the account linking of {0} and then told of another one; `pulumi up` tries it again"
    )]
    OtherLinking(SkillId),
    #[error("waiting for amazon was cancelled; `pulumi up` goes on from here")]
    Cancelled,
    #[error("{}", told(.0))]
    Smapi(#[from] SmapiError),
}

impl AlexaError {
    /// Whether it ended because somebody asked for that.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    /// Whether Amazon has not heard yet that a function lets the skill call it.
    pub(crate) fn is_untriggered(&self) -> bool {
        matches!(self, Self::Smapi(error) if error.untriggered().is_some())
    }
}
