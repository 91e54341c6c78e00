//! What a doorbell writes from time to time, so that the function can say whether it is there when nobody rings.
//!
//! It is a row of the table of [grants](crate::grant), under the key `bell#` and the endpoint's id, which no user's is:
//!
//! | attribute | |
//! |---|---|
//! | `user` | partition key: `bell#front-door` |
//! | `seen_at` | when it was written, in seconds since 1970, by the doorbell's clock |
//! | `interval` | after how many seconds the next one is due |
//! | `connectivity` | `OK`, or `UNREACHABLE` when the doorbell is switched off in order |
//! | `software` | what runs there, like `0.1.0` |

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws::CallError;
use aws::dynamodb::{Attribute, Item, Table};

use crate::endpoint::EndpointId;
use crate::event::{Connectivity, Property};
use crate::timestamp::Timestamp;

/// After how many missed heartbeats a doorbell counts as unreachable.
const MISSED: u32 = 3;

/// A sign of life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Of which doorbell.
    pub endpoint_id: EndpointId,
    /// When it was written; whole seconds.
    pub seen_at: SystemTime,
    /// After which time the next is due; whole seconds.
    pub interval: Duration,
    /// What the doorbell says of itself.
    pub connectivity: Connectivity,
    /// What runs there.
    pub software: String,
}

/// The rows of a table that are heartbeats.
#[derive(Clone, Debug)]
pub struct HeartbeatStore {
    table: Table,
}

impl Heartbeat {
    /// What can be said of the doorbell at `now`: it is unreachable when it said so, or has missed three heartbeats.
    #[must_use]
    pub fn property(&self, now: SystemTime) -> Property {
        let age = now.duration_since(self.seen_at).unwrap_or_default();
        let missed = age > self.interval * MISSED;
        let connectivity = if missed { Connectivity::Unreachable } else { self.connectivity };
        Property {
            connectivity,
            time_of_sample: Timestamp::of(if missed { now } else { self.seen_at.min(now) }),
            uncertainty_in_milliseconds: u64::try_from(self.interval.as_millis()).unwrap_or(u64::MAX),
        }
    }

    fn item(&self) -> Item {
        let connectivity = match self.connectivity {
            Connectivity::Ok => "OK",
            Connectivity::Unreachable => "UNREACHABLE",
        };
        let seen_at = self.seen_at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let attributes: [(&str, Attribute); 4] = [
            ("seen_at", seen_at.into()),
            ("interval", self.interval.as_secs().into()),
            ("connectivity", connectivity.into()),
            ("software", self.software.as_str().into()),
        ];
        let mut item = key(&self.endpoint_id);
        item.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
        item
    }

    /// `None` for a row that no doorbell has written.
    fn read(endpoint_id: &EndpointId, item: &Item) -> Option<Self> {
        let number = |name: &str| item.get(name)?.number().map(Duration::from_secs);
        Some(Self {
            endpoint_id: endpoint_id.clone(),
            seen_at: UNIX_EPOCH.checked_add(number("seen_at")?)?,
            interval: number("interval").filter(|interval| interval.as_secs() <= 24 * 60 * 60)?,
            connectivity: match item.get("connectivity")?.text()? {
                "OK" => Connectivity::Ok,
                _ => Connectivity::Unreachable,
            },
            software: item.get("software")?.text()?.to_owned(),
        })
    }
}

impl HeartbeatStore {
    /// The heartbeats in `table`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Writes a heartbeat in the place of the one before.
    ///
    /// # Errors
    /// When the table cannot be asked, or refuses.
    pub async fn write(&self, heartbeat: &Heartbeat) -> Result<(), CallError> {
        self.table.put(&heartbeat.item(), None).await.map(drop)
    }

    /// The last heartbeat of a doorbell; `None` if it never had one that is understood.
    ///
    /// # Errors
    /// When the table cannot be asked, or refuses.
    pub async fn read(&self, endpoint_id: &EndpointId) -> Result<Option<Heartbeat>, CallError> {
        let item = self.table.get(&key(endpoint_id)).await?;
        Ok(item.and_then(|item| Heartbeat::read(endpoint_id, &item)))
    }
}

fn key(endpoint_id: &EndpointId) -> Item {
    Item::from([("user".to_owned(), format!("bell#{endpoint_id}").as_str().into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heartbeat() -> Heartbeat {
        Heartbeat {
            endpoint_id: EndpointId::parse("front-door").expect("an id"),
            seen_at: UNIX_EPOCH + Duration::from_secs(1_772_352_930),
            interval: Duration::from_secs(60),
            connectivity: Connectivity::Ok,
            software: "0.1.0".to_owned(),
        }
    }

    #[test]
    fn a_row_has_what_the_heartbeat_has() {
        let heartbeat = heartbeat();
        assert_eq!(Heartbeat::read(&heartbeat.endpoint_id, &heartbeat.item()), Some(heartbeat));
    }

    #[test]
    fn a_row_that_lacks_anything_is_no_heartbeat() {
        let heartbeat = heartbeat();
        for name in ["seen_at", "interval", "connectivity", "software"] {
            let mut item = heartbeat.item();
            item.remove(name);
            assert_eq!(Heartbeat::read(&heartbeat.endpoint_id, &item), None, "{name}");
        }
    }

    #[test]
    fn a_doorbell_is_unreachable_after_three_heartbeats_time_or_when_it_says_so() {
        let heartbeat = heartbeat();
        for (seconds, wanted) in
            [(0, Connectivity::Ok), (180, Connectivity::Ok), (181, Connectivity::Unreachable)]
        {
            let now = heartbeat.seen_at + Duration::from_secs(seconds);
            assert_eq!(heartbeat.property(now).connectivity, wanted, "{seconds}");
        }
        let leaving = Heartbeat { connectivity: Connectivity::Unreachable, ..heartbeat.clone() };
        assert_eq!(leaving.property(leaving.seen_at).connectivity, Connectivity::Unreachable);
    }

    #[test]
    fn a_clock_that_is_ahead_makes_no_time_that_is_to_come() {
        let heartbeat = heartbeat();
        let now = heartbeat.seen_at - Duration::from_secs(30);
        assert_eq!(heartbeat.property(now).time_of_sample, Timestamp::of(now));
    }
}
