//! The table's rows that are grants.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws::CallError;
use aws::dynamodb::{Attribute, Condition, Item, Table, Update, Written};

use super::{Ended, Grant};
use crate::lwa::{RefreshToken, Tokens, UserId};
use crate::region::Region;
use crate::token::BearerToken;

/// The grants of a table.
#[derive(Clone, Debug)]
pub struct GrantStore {
    table: Table,
}

/// Why the table did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// It cannot be asked, or refuses.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A row is not what porch writes.
    #[error("the row of {user} has no usable {attribute}; disable and enable the skill in the Alexa app")]
    Malformed {
        /// The row's key.
        user: String,
        /// What is wrong with it.
        attribute: &'static str,
    },
    /// Login with Amazon gave no refresh token with a new grant.
    #[error("login with amazon gave no refresh token, without which a grant lasts for an hour")]
    NoRefreshToken,
}

impl GrantStore {
    /// The grants of `table`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// The grant of `user`, if there is one.
    ///
    /// # Errors
    /// See [`GrantError`].
    pub async fn get(&self, user: &UserId) -> Result<Option<Grant>, GrantError> {
        self.table.get(&key(user)).await?.as_ref().map(read).transpose()
    }

    /// All grants; of a row that is not understood, why.
    ///
    /// # Errors
    /// When the table cannot be asked.
    pub async fn all(&self) -> Result<Vec<Result<Grant, GrantError>>, CallError> {
        let items = self.table.scan(&Condition::Present("refresh_token")).await?;
        Ok(items.iter().map(read).collect())
    }

    /// Writes a grant that the customer has just given, whatever is there: it is newer than all that anybody has read.
    ///
    /// # Errors
    /// See [`GrantError`].
    pub async fn accept(&self, user: &UserId, tokens: &Tokens, region: Region) -> Result<(), GrantError> {
        let refresh_token = tokens.refresh_token.as_ref().ok_or(GrantError::NoRefreshToken)?;
        let update = Update::default()
            .set("access_token", tokens.access_token.expose())
            .set("refresh_token", refresh_token.expose())
            .set("expires_at", seconds(tokens.expires_at))
            .set("region", region.code())
            .remove("ended");
        self.table.update(&key(user), update, None).await?;
        Ok(())
    }

    /// Writes the tokens of `grant`, if the row still has the refresh token that they came from. If the row was marked
    /// as over meanwhile it no longer is, since there are new tokens for it.
    ///
    /// # Errors
    /// When the table cannot be asked, or refuses.
    pub async fn save(&self, grant: &Grant) -> Result<Written, CallError> {
        let update = Update::default()
            .set("access_token", grant.access_token.expose())
            .set("refresh_token", grant.refresh_token.expose())
            .set("expires_at", seconds(grant.expires_at))
            .remove("ended");
        self.table.update(&key(&grant.user), update, Some(unchanged(grant))).await
    }

    /// Marks `grant` as over, if the row still has its refresh token. The row stays, so that it can be told why.
    ///
    /// # Errors
    /// When the table cannot be asked, or refuses.
    pub async fn end(&self, grant: &Grant, why: Ended) -> Result<Written, CallError> {
        let update = Update::default().set("ended", why.as_str());
        self.table.update(&key(&grant.user), update, Some(unchanged(grant))).await
    }
}

fn key(user: &UserId) -> Item {
    Item::from([("user".to_owned(), user.as_str().into())])
}

fn unchanged(grant: &Grant) -> Condition {
    Condition::Is("refresh_token", grant.in_row.expose().into())
}

fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn read(item: &Item) -> Result<Grant, GrantError> {
    let user = item.get("user").and_then(Attribute::text).unwrap_or_default();
    let malformed = |attribute| move || GrantError::Malformed { user: user.to_owned(), attribute };
    let text = |name: &'static str| {
        item.get(name).and_then(Attribute::text).filter(|text| !text.is_empty()).ok_or_else(malformed(name))
    };
    let number = |name: &'static str| item.get(name).and_then(Attribute::number).ok_or_else(malformed(name));
    let expires_at = UNIX_EPOCH.checked_add(Duration::from_secs(number("expires_at")?));
    let refresh_token = RefreshToken::new(text("refresh_token")?);
    Ok(Grant {
        user: UserId::parse(user).map_err(|_| malformed("user")())?,
        access_token: BearerToken::new(text("access_token")?),
        in_row: refresh_token.clone(),
        refresh_token,
        expires_at: expires_at.ok_or_else(malformed("expires_at"))?,
        region: Region::of_code(text("region")?).ok_or_else(malformed("region"))?,
        ended: item.get("ended").map(|ended| Ended::read(ended.text().unwrap_or_default())),
    })
}
