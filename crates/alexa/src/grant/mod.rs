//! Grants: the right, given by a customer, to send him events; kept in a table that the function and any number of
//! doorbells share.
//!
//! | attribute | |
//! |---|---|
//! | `user` | partition key: who gave the grant, a [`UserId`] |
//! | `access_token`, `refresh_token` | of Login with Amazon |
//! | `expires_at` | when the access token ends, in seconds since 1970 |
//! | `region` | whose gateway takes the events: `NA`, `EU` or `FE` |
//! | `ended` | why the grant is over, if it is |
//!
//! Whoever refreshes writes only if the row still has the refresh token that his tokens came from, so that nobody undoes
//! what the customer, or another, did meanwhile.

mod refresh;
mod store;

use std::time::{Duration, SystemTime};

pub use refresh::{Fresh, RefreshError, Refresher};
pub use store::{GrantError, GrantStore};

use crate::lwa::{RefreshToken, Tokens, UserId};
use crate::region::Region;
use crate::token::BearerToken;

/// How long before its end an access token is replaced (as in Amazon's own sample, alexa/alexa-smarthome,
/// `sample_async`).
const AHEAD: Duration = Duration::from_secs(300);

/// A customer's grant, as it was when it was read.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Whose.
    pub user: UserId,
    /// For the gateway.
    pub access_token: BearerToken,
    /// For new tokens.
    pub refresh_token: RefreshToken,
    /// When the access token ends.
    pub expires_at: SystemTime,
    /// Whose gateway takes the events.
    pub region: Region,
    /// The refresh token that the row had when it was read, or was last written by this grant's holder.
    pub in_row: RefreshToken,
    /// Why it is over, if it is. The customer's next AcceptGrant makes it good again.
    pub ended: Option<Ended>,
}

/// Why a grant is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Login with Amazon does not know it any more.
    Revoked,
    /// The gateway says that the skill is disabled.
    SkillDisabled,
}

impl Ended {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::SkillDisabled => "skill_disabled",
        }
    }

    /// Words that this version does not know end a grant as well as those it knows.
    fn read(text: &str) -> Self {
        if text == Self::SkillDisabled.as_str() { Self::SkillDisabled } else { Self::Revoked }
    }
}

impl Grant {
    /// Whether the access token is good at `now`, with some time to spare.
    #[must_use]
    pub fn is_fresh(&self, now: SystemTime) -> bool {
        now < self.refresh_at()
    }

    /// When the access token is to be replaced, so that no press has to wait for that.
    #[must_use]
    pub fn refresh_at(&self) -> SystemTime {
        self.expires_at.checked_sub(AHEAD).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// This grant with new tokens.
    #[must_use]
    fn with(&self, tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token.unwrap_or_else(|| self.refresh_token.clone()),
            expires_at: tokens.expires_at,
            ..self.clone()
        }
    }
}
