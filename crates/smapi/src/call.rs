//! What can be asked.

use std::fmt;

use http::Method;

use crate::id::SkillId;

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// An access token, of Login with Amazon.
    AccessToken,
    /// The vendors that the developer acts for.
    Vendors,
    /// The skills of a vendor.
    Skills,
    /// A new skill.
    CreateSkill,
    /// How far the build of a manifest is.
    BuildStatus(SkillId),
    /// A manifest.
    Manifest(SkillId),
    /// Another manifest.
    UpdateManifest(SkillId),
    /// What events are sent with.
    Credentials(SkillId),
    /// How users link their accounts.
    AccountLinking(SkillId),
    /// That they link them in another way.
    SetAccountLinking(SkillId),
    /// That they do not link them.
    DeleteAccountLinking(SkillId),
    /// Whether the developer's own account has the skill enabled.
    Enablement(SkillId),
    /// That it has.
    Enable(SkillId),
    /// That it has not.
    Disable(SkillId),
    /// That there is no such skill any more.
    DeleteSkill(SkillId),
}

impl Call {
    /// The skill that it is about.
    #[must_use]
    pub fn skill(&self) -> Option<&SkillId> {
        match self {
            Self::AccessToken | Self::Vendors | Self::Skills | Self::CreateSkill => None,
            Self::BuildStatus(skill)
            | Self::Manifest(skill)
            | Self::UpdateManifest(skill)
            | Self::Credentials(skill)
            | Self::AccountLinking(skill)
            | Self::SetAccountLinking(skill)
            | Self::DeleteAccountLinking(skill)
            | Self::Enablement(skill)
            | Self::Enable(skill)
            | Self::Disable(skill)
            | Self::DeleteSkill(skill) => Some(skill),
        }
    }

    pub(crate) fn method(&self) -> Method {
        match self {
            Self::AccessToken | Self::CreateSkill => Method::POST,
            Self::UpdateManifest(_) | Self::SetAccountLinking(_) | Self::Enable(_) => Method::PUT,
            Self::DeleteAccountLinking(_) | Self::Disable(_) | Self::DeleteSkill(_) => Method::DELETE,
            Self::Vendors
            | Self::Skills
            | Self::BuildStatus(_)
            | Self::Manifest(_)
            | Self::Credentials(_)
            | Self::AccountLinking(_)
            | Self::Enablement(_) => Method::GET,
        }
    }

    /// Where it is asked. Everything is about a skill's only stage that can be changed, `development`.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::AccessToken => "/auth/o2/token".into(),
            Self::Vendors => "/v1/vendors".into(),
            Self::Skills | Self::CreateSkill => "/v1/skills".into(),
            Self::BuildStatus(skill) => format!("/v1/skills/{skill}/status?resource=manifest"),
            Self::Manifest(skill) | Self::UpdateManifest(skill) => {
                format!("/v1/skills/{skill}/stages/development/manifest")
            }
            Self::Credentials(skill) => format!("/v1/skills/{skill}/credentials"),
            Self::AccountLinking(skill)
            | Self::SetAccountLinking(skill)
            | Self::DeleteAccountLinking(skill) => {
                format!("/v1/skills/{skill}/stages/development/accountLinkingClient")
            }
            Self::Enablement(skill) | Self::Enable(skill) | Self::Disable(skill) => {
                format!("/v1/skills/{skill}/stages/development/enablement")
            }
            Self::DeleteSkill(skill) => format!("/v1/skills/{skill}"),
        }
    }

    /// Whether it does no harm to ask for the same twice. A second skill would be one too many, and a second manifest
    /// would meet the build of the first.
    pub(crate) fn may_be_repeated(&self) -> bool {
        !matches!(self, Self::CreateSkill | Self::UpdateManifest(_))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccessToken => f.write_str("an access token"),
            Self::Vendors => f.write_str("the developer's vendors"),
            Self::Skills => f.write_str("the vendor's skills"),
            Self::CreateSkill => f.write_str("a new skill"),
            Self::BuildStatus(skill) => write!(f, "how far {skill} is"),
            Self::Manifest(skill) => write!(f, "the manifest of {skill}"),
            Self::UpdateManifest(skill) => write!(f, "another manifest for {skill}"),
            Self::Credentials(skill) => write!(f, "the messaging credentials of {skill}"),
            Self::AccountLinking(skill) => write!(f, "the account linking of {skill}"),
            Self::SetAccountLinking(skill) => write!(f, "another account linking for {skill}"),
            Self::DeleteAccountLinking(skill) => write!(f, "no account linking for {skill}"),
            Self::Enablement(skill) => write!(f, "whether {skill} is enabled"),
            Self::Enable(skill) => write!(f, "the enablement of {skill}"),
            Self::Disable(skill) => write!(f, "the end of the enablement of {skill}"),
            Self::DeleteSkill(skill) => write!(f, "the end of {skill}"),
        }
    }
}
