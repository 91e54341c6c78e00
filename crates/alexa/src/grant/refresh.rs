//! New tokens for a grant, in a way that several who do it at once do not undo each other.

use std::time::SystemTime;

use aws::CallError;
use aws::dynamodb::Written;

use super::{Ended, Grant, GrantError, GrantStore};
use crate::lwa::{Class, Lwa, LwaError};

/// Gets new tokens, and writes them.
#[derive(Clone, Debug)]
pub struct Refresher {
    lwa: Lwa,
    store: GrantStore,
}

/// A grant whose access token is good.
#[derive(Debug)]
pub struct Fresh {
    /// The grant.
    pub grant: Grant,
    /// Why the new tokens are not in the table, if they are not. Whoever has them keeps them, and [saves](Refresher::save)
    /// them later, because the refresh token in the table may be used up.
    pub unsaved: Option<CallError>,
}

/// Why there is no good access token.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The grant is over; there will be none before the customer enables the skill again.
    #[error("the grant is over; enable the skill again in the Alexa app")]
    Ended(Ended),
    /// There is no such grant any more.
    #[error("the grant is gone; enable the skill again in the Alexa app")]
    Gone,
    /// Login with Amazon gave none; see [`LwaError::class`].
    #[error(transparent)]
    Lwa(#[from] LwaError),
    /// The table did not tell what another has written.
    #[error(transparent)]
    Grant(#[from] GrantError),
}

impl Refresher {
    /// Refreshes the grants of `store` through `lwa`.
    #[must_use]
    pub fn new(lwa: Lwa, store: GrantStore) -> Self {
        Self { lwa, store }
    }

    /// The grant as it is, if its access token is good at `now`, or else with new tokens.
    ///
    /// # Errors
    /// See [`RefreshError`].
    pub async fn fresh(&self, grant: Grant, now: SystemTime) -> Result<Fresh, RefreshError> {
        if let Some(ended) = grant.ended {
            return Err(RefreshError::Ended(ended));
        }
        if grant.is_fresh(now) {
            return Ok(Fresh { grant, unsaved: None });
        }
        self.renewed(grant, now).await
    }

    /// The grant with new tokens, because the gateway does not accept the access token that it has.
    ///
    /// # Errors
    /// See [`RefreshError`].
    pub async fn renewed(&self, grant: Grant, now: SystemTime) -> Result<Fresh, RefreshError> {
        match self.lwa.refresh(&grant.refresh_token, now).await {
            Ok(tokens) => return self.save(grant.with(tokens)).await,
            Err(error) if error.class() == Class::GrantEnded => {}
            Err(error) => return Err(error.into()),
        }
        // Another may have used the refresh token up, and written its successor.
        let present = self.present(&grant).await?;
        if present.refresh_token.is(&grant.refresh_token) {
            return Err(self.end(&present).await);
        }
        if present.is_fresh(now) {
            return Ok(Fresh { grant: present, unsaved: None });
        }
        match self.lwa.refresh(&present.refresh_token, now).await {
            Ok(tokens) => self.save(present.with(tokens)).await,
            Err(error) if error.class() == Class::GrantEnded => Err(self.end(&present).await),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes tokens that are not in the table yet. When another was quicker, his are taken.
    ///
    /// # Errors
    /// See [`RefreshError`]; a table that cannot be asked is none.
    pub async fn save(&self, mut grant: Grant) -> Result<Fresh, RefreshError> {
        match self.store.save(&grant).await {
            Ok(Written::Done) => {
                grant.in_row = grant.refresh_token.clone();
                Ok(Fresh { grant, unsaved: None })
            }
            Ok(Written::ConditionFailed) => Ok(Fresh { grant: self.present(&grant).await?, unsaved: None }),
            Err(error) => Ok(Fresh { grant, unsaved: Some(error) }),
        }
    }

    /// Marks the grant as over, unless another has written meanwhile: then it is his to judge.
    async fn end(&self, grant: &Grant) -> RefreshError {
        match self.store.end(grant, Ended::Revoked).await {
            Ok(_) => RefreshError::Ended(Ended::Revoked),
            Err(error) => GrantError::from(error).into(),
        }
    }

    /// The grant as it is in the table now.
    async fn present(&self, grant: &Grant) -> Result<Grant, RefreshError> {
        let present = self.store.get(&grant.user).await?.ok_or(RefreshError::Gone)?;
        match present.ended {
            Some(ended) => Err(RefreshError::Ended(ended)),
            None => Ok(present),
        }
    }
}
