//! What is read from the history.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Result, Row};

use super::store::one;
use crate::record::Outcome;

/// Somebody who rang, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number; later visits have greater ones.
    pub id: i64,
    /// What people called the bell then.
    pub bell: String,
    /// When it was, if that is known.
    pub at: Option<SystemTime>,
    /// Whether somebody only tried the bell.
    pub is_trial: bool,
    /// What everybody who was to know of it did, in the order in which they were through.
    pub outcomes: Vec<Told>,
    /// The pictures, the earliest first.
    pub pictures: Vec<Shown>,
}

/// What somebody did who was to know of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The integration, or Alexa.
    pub who: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What was done or went wrong.
    pub told: String,
    /// From the edge to its end.
    pub took: Duration,
}

/// A picture that can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its number.
    pub id: i64,
    /// The integration that took it.
    pub who: String,
    /// How long after the press it was; negative before it.
    pub offset_ms: i64,
}

const VISIT: &str = "SELECT id, bell_name, at_ms, is_trial FROM visit";

/// The latest visits before the one of this number.
pub(super) fn before(connection: &Connection, id: i64, count: u32) -> Result<Vec<Entry>> {
    let mut statement = connection.prepare(&format!("{VISIT} WHERE id < ?1 ORDER BY id DESC LIMIT ?2"))?;
    let entries = statement.query_map((id, count), entry)?;
    entries.map(|entry| complete(connection, entry?)).collect()
}

/// One visit.
pub(super) fn of(connection: &Connection, id: i64) -> Result<Option<Entry>> {
    let found = one(connection, &format!("{VISIT} WHERE id = ?1"), id, entry)?;
    found.map(|found| complete(connection, found)).transpose()
}

/// The bytes of a picture.
pub(super) fn jpeg(connection: &Connection, id: i64) -> Result<Option<Vec<u8>>> {
    one(connection, "SELECT jpeg FROM picture WHERE id = ?1", id, |row| row.get(0))
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let milliseconds = |ms: i64| UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    Ok(Entry {
        id: row.get(0)?,
        bell: row.get(1)?,
        at: row.get::<_, Option<i64>>(2)?.map(milliseconds),
        is_trial: row.get(3)?,
        outcomes: Vec::new(),
        pictures: Vec::new(),
    })
}

fn complete(connection: &Connection, mut entry: Entry) -> Result<Entry> {
    let sql = "SELECT who, outcome, told, took_us FROM outcome WHERE visit = ?1 ORDER BY took_us, id";
    entry.outcomes = connection
        .prepare(sql)?
        .query_map([entry.id], |row| {
            Ok(Told {
                who: row.get(0)?,
                // It is never written otherwise.
                outcome: Outcome::parse(row.get_ref(1)?.as_str()?).unwrap_or(Outcome::Skipped),
                told: row.get(2)?,
                took: Duration::from_micros(row.get(3)?),
            })
        })?
        .collect::<Result<_>>()?;
    let sql = "SELECT id, who, offset_ms FROM picture WHERE visit = ?1 ORDER BY offset_ms, id";
    entry.pictures = connection
        .prepare(sql)?
        .query_map([entry.id], |row| Ok(Shown { id: row.get(0)?, who: row.get(1)?, offset_ms: row.get(2)? }))?
        .collect::<Result<_>>()?;
    Ok(entry)
}
