//! The tables, and how those of earlier versions become them.

use rusqlite::{Connection, Result};

/// What leads from each version to the next. What has been released is never changed, but followed by another.
const STEPS: [&str; 1] = ["
    CREATE TABLE visit (
        id INTEGER PRIMARY KEY,
        boot TEXT NOT NULL,
        edge INTEGER NOT NULL,
        bell TEXT NOT NULL,
        bell_name TEXT NOT NULL,
        at_ms INTEGER,
        is_trial INTEGER NOT NULL,
        UNIQUE (boot, edge, bell)
    ) STRICT;
    CREATE TABLE outcome (
        id INTEGER PRIMARY KEY,
        visit INTEGER NOT NULL REFERENCES visit ON DELETE CASCADE,
        who TEXT NOT NULL,
        outcome TEXT NOT NULL,
        told TEXT NOT NULL,
        took_us INTEGER NOT NULL,
        UNIQUE (visit, who, outcome, told)
    ) STRICT;
    CREATE TABLE picture (
        id INTEGER PRIMARY KEY,
        visit INTEGER NOT NULL REFERENCES visit ON DELETE CASCADE,
        who TEXT NOT NULL,
        offset_ms INTEGER NOT NULL,
        jpeg BLOB NOT NULL,
        UNIQUE (visit, who, offset_ms)
    ) STRICT;
    CREATE TABLE quiet (
        id INTEGER PRIMARY KEY,
        days INTEGER NOT NULL,
        from_minute INTEGER NOT NULL,
        to_minute INTEGER NOT NULL,
        bells TEXT,
        who TEXT
    ) STRICT;
"];

/// The version of a file, as SQLite keeps it.
const VERSION: &str = "user_version";

/// Brings the tables up to date; `false` if a later program has written them.
pub(super) fn migrate(connection: &mut Connection) -> Result<bool> {
    let version: usize = connection.pragma_query_value(None, VERSION, |row| row.get(0))?;
    let Some(steps) = STEPS.get(version..) else { return Ok(false) };
    if !steps.is_empty() {
        // All of them or none: a power cut in between leaves what was.
        let transaction = connection.transaction()?;
        steps.iter().try_for_each(|step| transaction.execute_batch(step))?;
        transaction.pragma_update(None, VERSION, STEPS.len())?;
        transaction.commit()?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_earlier_version_becomes_the_present_one_and_a_later_one_is_left_alone() {
        for version in 0..=STEPS.len() {
            let mut connection = Connection::open_in_memory().expect("a database");
            STEPS[..version].iter().for_each(|step| connection.execute_batch(step).expect("a step"));
            connection.pragma_update(None, VERSION, version).expect("a version");
            assert_eq!(migrate(&mut connection), Ok(true), "{version}");
            let now: usize = connection.pragma_query_value(None, VERSION, |row| row.get(0)).expect("one");
            assert_eq!(now, STEPS.len());
        }
        let mut later = Connection::open_in_memory().expect("a database");
        later.pragma_update(None, VERSION, STEPS.len() + 1).expect("a version");
        assert_eq!(migrate(&mut later), Ok(false));
    }
}
