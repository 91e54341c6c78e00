//! Customers, skills and security profiles: what the driver sets up.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Secret, World};
use crate::host::Region;

/// Somebody with an Amazon account and an Echo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// `amzn1.account.…`, the same for every client.
    pub user_id: String,
    /// Where the account belongs.
    pub region: Region,
    /// As on the profile.
    pub full_name: String,
    /// As on the profile.
    pub email: String,
    /// As on the profile.
    pub postal_code: String,
    /// Skills that the customer enabled at least once, by skill id.
    pub skills: BTreeMap<String, Enablement>,
}

/// What a customer has to do with a skill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enablement {
    /// It is enabled now.
    pub enabled: bool,
    /// The customer allows it to send events.
    pub may_send_events: bool,
}

/// What a skill's manifest asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Permission {
    /// "Send Alexa Events".
    #[serde(rename = "alexa::async_event:write")]
    SendEvents,
}

/// A skill, with the client that its permissions page shows: the only one for the codes of `AcceptGrant`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skill {
    /// "Alexa Client Id".
    pub client_id: String,
    /// "Alexa Client Secret".
    pub client_secret: Secret,
    /// The manifest's `permissions`.
    pub permissions: BTreeSet<Permission>,
}

/// A client for "Login with Amazon", as made in its console; its id is the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityProfile {
    /// Its secret.
    pub client_secret: Secret,
    /// "Allowed Return URLs".
    pub return_urls: BTreeSet<String>,
}

impl World {
    /// Makes a customer, or moves the one of that name to another region; gives the user id.
    pub fn customer(&mut self, name: &str, region: Region) -> String {
        let user_id = self.mint.user_id(name);
        let customer = self.customers.entry(name.to_owned()).or_insert_with(|| Customer {
            user_id: user_id.clone(),
            region,
            full_name: name.to_owned(),
            email: format!("{}@example.com", &user_id[user_id.len() - 8..].to_ascii_lowercase()),
            postal_code: "98109".to_owned(),
            skills: BTreeMap::new(),
        });
        customer.region = region;
        user_id
    }

    /// The secret of the client `id`, whichever kind it is.
    #[must_use]
    pub fn client_secret(&self, id: &str) -> Option<&Secret> {
        let of_profile = self.profiles.get(id).map(|profile| &profile.client_secret);
        of_profile.or_else(|| self.skill_of(id).map(|(_, skill)| &skill.client_secret))
    }

    /// The skill whose messaging client this is.
    #[must_use]
    pub fn skill_of(&self, client_id: &str) -> Option<(&str, &Skill)> {
        let found = self.skills.iter().find(|(_, skill)| skill.client_id == client_id);
        found.map(|(id, skill)| (id.as_str(), skill))
    }
}
