//! What porch says about a skill, and what Amazon has about it.

mod document;
mod limits;

use std::collections::{BTreeMap, BTreeSet};

use alexa::Region;
pub use document::Document;
use url::Url;

use crate::arn::FunctionArn;

/// The permission to send events, like the press of a doorbell.
pub const SEND_EVENTS: &str = "alexa::async_event:write";

/// What porch says about a smart home skill that only its owner uses. All else in the manifest is left as it is.
///
/// That it is such a skill is said as well, and what follows from it: nothing is sold, nobody's data is collected, no
/// children are meant, no ads are shown, and it is available everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// What the skill is called and how it is described in each locale, like `en-US`. At least one.
    pub locales: BTreeMap<String, Listing>,
    /// What it asks its users for, like [`SEND_EVENTS`].
    pub permissions: BTreeSet<String>,
}

/// A skill's page in one locale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The name, 2 to 50 characters.
    pub name: String,
    /// In a sentence, at most 160 characters.
    pub summary: String,
    /// In full, at most 4,000 characters.
    pub description: String,
    /// What to say to Alexa, at most 3.
    pub example_phrases: Vec<String>,
    /// Words to find it by, at most 30.
    pub keywords: Vec<String>,
    /// Where it stands what becomes of its users' data; Amazon asks for it only when a skill is published.
    pub privacy_policy_url: Option<Url>,
}

/// Who answers a skill's directives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// For regions that have no function of their own.
    pub default: FunctionArn,
    /// For each region by itself.
    pub regions: BTreeMap<Region, FunctionArn>,
}
