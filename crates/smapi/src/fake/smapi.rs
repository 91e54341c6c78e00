//! All that Amazon knows of vendors and their skills.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::developer::Developer;
use super::skill::{Credentials, Skill};

/// Vendors and skills. One is one JSON text, for whoever keeps it over a restart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Smapi {
    /// How it behaves where Amazon's ways are not known for sure.
    pub behaviour: Behaviour,
    pub(super) vendors: BTreeMap<String, Vendor>,
    pub(super) skills: BTreeMap<String, Skill>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Vendor {
    pub(super) name: String,
    /// The account of the developer who acts for it.
    pub(super) owner: String,
}

/// How it behaves where Amazon's ways are not known for sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Behaviour {
    /// How often a build is looked at before it has ended.
    pub looks_per_build: u32,
    /// Whether an endpoint that does not let the skill call it is refused at once, with 400, rather than by the build.
    pub refuses_endpoints_at_once: bool,
    /// Whether a build takes the account linking away.
    pub builds_reset_linking: bool,
    /// Whether smart home skills can be enabled by the API.
    pub enabling: Enabling,
}

/// Whether smart home skills can be enabled by the API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enabling {
    /// No: a person has to do it in the app. So says Amazon's page about it.
    #[default]
    Refused,
    /// Yes, when there is an endpoint.
    Granted,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            looks_per_build: 2,
            refuses_endpoints_at_once: false,
            builds_reset_linking: false,
            enabling: Enabling::default(),
        }
    }
}

/// What a request meets besides vendors and skills.
pub struct Surroundings<'a> {
    /// The time.
    pub now: SystemTime,
    /// Who asks; `None` if the token is not good.
    pub developer: Option<&'a Developer>,
    /// The resource policy of a function, by the ARN that an endpoint has; `None` when there is none.
    pub policies: &'a dyn Fn(&str) -> Option<Value>,
    /// Bytes that nobody can guess, others each time.
    pub fresh: &'a mut dyn FnMut() -> [u8; 32],
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { now, developer, .. } = self;
        f.debug_struct("Surroundings").field("now", now).field("developer", developer).finish_non_exhaustive()
    }
}

impl Smapi {
    /// Has a vendor for whom `owner` acts, or changes the one with this id.
    pub fn know_vendor(&mut self, id: &str, name: &str, owner: &str) {
        let vendor = Vendor { name: name.to_owned(), owner: owner.to_owned() };
        self.vendors.insert(id.to_owned(), vendor);
    }

    /// Each skill with messaging credentials: its id, them, and what its manifest asks its users for.
    pub fn messaging(&self) -> impl Iterator<Item = (&str, &Credentials, Vec<&str>)> {
        self.skills.iter().filter_map(|(id, skill)| {
            let credentials = skill.credentials.as_ref()?;
            Some((id.as_str(), credentials, skill.permissions()))
        })
    }

    /// The manifest of a skill, as it was built last.
    #[must_use]
    pub fn manifest(&self, skill: &str) -> Option<&Value> {
        self.skills.get(skill)?.manifest.as_ref()
    }

    /// The ids of all skills, also of those that were never built.
    pub fn skills(&self) -> impl Iterator<Item = &str> {
        self.skills.keys().map(String::as_str)
    }

    /// The secret with which users link their accounts, which the API never tells.
    #[must_use]
    pub fn linking_secret(&self, skill: &str) -> Option<&str> {
        Some(self.skills.get(skill)?.linking.as_ref()?.secret.expose())
    }
}
