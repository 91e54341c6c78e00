//! What Amazon knows: customers, the skills that they enabled, and the tokens that it gave out.
//!
//! Nothing here reads a clock or makes up a number: the time is passed in, and whatever has to be unguessable is derived
//! from a seed. One world is one JSON text, so that a restarted fake still knows the tokens that its clients keep.

mod accounts;
mod grants;
mod mint;
mod secret;
mod skills;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use smapi::fake::Smapi;

pub use accounts::{Customer, Enablement, Permission, SecurityProfile, Skill};
pub use grants::{AccessToken, CODE_LIFETIME, Code, Given, Grant, Refreshed, TOKEN_LIFETIME};
pub use mint::Mint;
pub use secret::Secret;

/// The scope of the tokens with which a skill sends events. It is never shown: Amazon's answer does not name it.
pub const EVENTS: &str = "alexa::async_event:write";

/// Everything that survives a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// How far the fake's clock is ahead of the machine's, in seconds.
    pub ahead_s: u64,
    /// What a refresh does with the refresh token.
    pub refreshed: Refreshed,
    /// Customers by the name that the driver gave them.
    pub customers: BTreeMap<String, Customer>,
    /// Skills by skill id.
    pub skills: BTreeMap<String, Skill>,
    /// Security profiles by client id.
    pub profiles: BTreeMap<String, SecurityProfile>,
    /// Vendors, and the skills that are managed by the API. Those with a messaging client are among `skills` too.
    #[serde(default)]
    pub smapi: Smapi,
    codes: BTreeMap<Secret, Code>,
    access_tokens: BTreeMap<Secret, AccessToken>,
    refresh_tokens: BTreeMap<Secret, Grant>,
    mint: Mint,
}

impl World {
    /// A world in which nothing has happened. The same seed gives the same tokens.
    #[must_use]
    pub fn new(seed: [u8; 16]) -> Self {
        Self {
            ahead_s: 0,
            refreshed: Refreshed::default(),
            customers: BTreeMap::new(),
            skills: BTreeMap::new(),
            profiles: BTreeMap::new(),
            smapi: Smapi::default(),
            codes: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            mint: Mint::new(seed),
        }
    }

    /// The fake's time, when it is `now` on the machine.
    #[must_use]
    pub fn time(&self, now: SystemTime) -> SystemTime {
        now + Duration::from_secs(self.ahead_s)
    }

    /// A new id for a message or a request, in the form of a UUID.
    pub fn message_id(&mut self) -> String {
        self.mint.message_id()
    }
}
