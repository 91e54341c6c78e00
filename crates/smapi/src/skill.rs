//! What the API tells of vendors and skills.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

use crate::id::{SkillId, VendorId};

/// Somebody for whom a developer makes skills, in most cases himself.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Vendor {
    /// The id.
    pub id: VendorId,
    /// The name that the developer console shows.
    #[serde(default)]
    pub name: String,
}

/// A skill in a list.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct SkillSummary {
    /// The id.
    pub skill_id: SkillId,
    /// `development`, `certified` or `live`.
    #[serde(default)]
    pub stage: String,
    /// What it does: `smartHome`, `custom` and others.
    #[serde(default)]
    pub apis: Vec<String>,
    /// Its name in each locale.
    #[serde(default)]
    pub name_by_locale: BTreeMap<String, String>,
    /// When it was changed, as Amazon writes it.
    #[serde(default)]
    pub last_updated: String,
}

/// The client with which a skill's events are sent: "Alexa Client Id" and "Alexa Client Secret" of its Permissions page.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessagingCredentials {
    /// `amzn1.application-oa2-client.…`.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
}
