//! Quiet hours in the file.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result, params};

use crate::quiet::{Days, Quiet, TimeOfDay};

/// All quiet hours, in the order in which they were made.
pub(super) fn all(connection: &Connection) -> Result<Vec<(i64, Quiet)>> {
    let mut statement =
        connection.prepare("SELECT id, days, from_minute, to_minute, bells, who FROM quiet ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        let (id, bells, who): (i64, Option<String>, Option<String>) = (row.get(0)?, row.get(4)?, row.get(5)?);
        let quiet = || {
            Some(Quiet {
                days: Days::from_bits(row.get(1).ok()?)?,
                from: TimeOfDay::from_minutes(row.get(2).ok()?)?,
                to: TimeOfDay::from_minutes(row.get(3).ok()?)?,
                bells: list(bells)?,
                who: list(who)?,
            })
        };
        Ok(quiet().map(|quiet| (id, quiet)))
    })?;
    // What means nothing is as if it were not there; it is never written here.
    rows.filter_map(Result::transpose).collect()
}

/// Adds quiet hours, unless there are as many as there may be.
pub(super) fn add(connection: &Connection, quiet: &Quiet) -> Result<bool> {
    let text = |names: Option<Vec<&str>>| names.and_then(|names| serde_json::to_string(&names).ok());
    let bells = quiet.bells.as_ref().map(|bells| bells.iter().map(alexa::EndpointId::as_str).collect());
    let who = quiet.who.as_ref().map(|who| who.iter().map(String::as_str).collect());
    let added = connection.execute(
        "INSERT INTO quiet (days, from_minute, to_minute, bells, who)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM quiet) < ?6",
        params![
            quiet.days.bits(),
            quiet.from.minutes(),
            quiet.to.minutes(),
            text(bells),
            text(who),
            super::MOST_QUIET
        ],
    )?;
    Ok(added == 1)
}

/// Removes quiet hours.
pub(super) fn remove(connection: &Connection, id: i64) -> Result<()> {
    connection.execute("DELETE FROM quiet WHERE id = ?1", [id]).map(drop)
}

/// Nothing is as nothing, text is the list in it, and nonsense is `None`.
fn list<T: serde::de::DeserializeOwned + Ord>(text: Option<String>) -> Option<Option<BTreeSet<T>>> {
    text.map_or(Some(None), |text| serde_json::from_str(&text).ok().map(Some))
}
