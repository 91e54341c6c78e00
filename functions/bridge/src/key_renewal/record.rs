//! What is written down beside the key, because the key itself does not say it.

use serde::{Deserialize, Serialize};
use tailscale_api::MintedKey;
use time::OffsetDateTime;
use time::serde::rfc3339;

/// Which key is there, whose, and for how long. None of it is secret.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    /// By which the admin console knows the key.
    pub(super) id: String,
    /// The client that made it.
    pub(super) client_id: String,
    /// What its nodes are tagged with.
    pub(super) tags: Vec<String>,
    /// When it was made: UTC, whole seconds, by the function's clock.
    #[serde(with = "rfc3339")]
    pub(super) begins: OffsetDateTime,
    /// When it ends, as Tailscale says.
    #[serde(with = "rfc3339")]
    pub(super) ends: OffsetDateTime,
}

impl Record {
    pub(super) fn of(minted: &MintedKey, now: OffsetDateTime, client_id: &str, tags: &[String]) -> Self {
        Self {
            id: minted.id.clone(),
            client_id: client_id.to_owned(),
            tags: tags.to_owned(),
            begins: now.truncate_to_second(),
            ends: minted.ends.into(),
        }
    }

    /// `None` for anything else than a record, like what a new stack has in its place.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("dates have four digits for the year, as those of the api do")
    }
}
