//! The file: SQLite, with one connection that nobody else shares.
//!
//! Every commit is on the disk when it has returned (write-ahead log, `synchronous = FULL`): at some dozens of commits a
//! day the card wears no more for it, and a power cut after a visit loses nothing of it. Pictures are in the file as
//! well, in a table of their own: they come and go with their visit in one commit, and the one bound of the file is the
//! bound of everything. Pages of what was let go are used again, so that the file does not grow beyond it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Result, Transaction, params};

use super::schema;
use crate::announce::{Boot, PressId};
use crate::integration::Picture;
use crate::quiet::{Days, Quiet, TimeOfDay};
use crate::record::Record;

/// Bytes of a page, and of a mebibyte.
const PAGE: u64 = 4096;
const MEBIBYTE: u64 = 1024 * 1024;

/// What the write-ahead log may take beside the file: it is emptied at one mebibyte, after the commit that reached it,
/// and no commit is larger than [`super::LARGEST`] and some pages.
const LOG: u64 = 6 * MEBIBYTE;

/// Pages that a record may need, other than for a picture.
const SPARE: u64 = 32;

/// How long a process that is about to end may keep the file. One that goes on keeps it for good.
const BUSY: Duration = Duration::from_secs(1);

/// How much there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) visits: u32,
    pub(super) bytes: u64,
}

/// An open database.
pub(super) struct Store {
    connection: Connection,
    bounds: Bounds,
    path: Option<PathBuf>,
}

/// A database that could be opened, and why it is a new one if an earlier one is not used any more.
pub(super) type Opened = (Store, Option<String>);

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) visits: u64,
    pub(super) pictures: u64,
    pub(super) bytes: u64,
}

impl Store {
    /// The database at `path`. One that is damaged, or was written by a later program, is set aside.
    pub(super) fn open(path: &Path, bounds: Bounds) -> Result<Opened> {
        let why = match Self::begin(Connection::open(path)?, bounds, Some(path.to_owned())) {
            Ok(Some(store)) => return Ok((store, None)),
            Ok(None) => "a later version of this program has written it".to_owned(),
            Err(error) if is_damage(&error) => error.to_string(),
            Err(error) => return Err(error),
        };
        set_aside(path);
        match Self::begin(Connection::open(path)?, bounds, Some(path.to_owned()))? {
            Some(store) => Ok((store, Some(why))),
            None => Err(rusqlite::Error::InvalidQuery),
        }
    }

    /// A database that ends with this process.
    pub(super) fn in_memory(bounds: Bounds) -> Result<Self> {
        Self::begin(Connection::open_in_memory()?, bounds, None)?.ok_or(rusqlite::Error::InvalidQuery)
    }

    /// Lets go of the damaged database, and begins anew.
    pub(super) fn begin_anew(self) -> Result<Self> {
        let Self { connection, bounds, path } = self;
        drop(connection);
        match path {
            None => Self::in_memory(bounds),
            Some(path) => {
                set_aside(&path);
                Self::open(&path, bounds).map(|(store, _)| store)
            }
        }
    }

    fn begin(mut connection: Connection, bounds: Bounds, path: Option<PathBuf>) -> Result<Option<Self>> {
        connection.busy_timeout(BUSY)?;
        // Nobody else opens it while this program runs, so that no file in shared memory is needed beside it.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", MEBIBYTE / PAGE)?;
        connection.pragma_update(None, "journal_size_limit", MEBIBYTE)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // In kibibytes: a Raspberry Pi has other uses for memory.
        connection.pragma_update(None, "cache_size", -256)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        if !schema::migrate(&mut connection)? {
            return Ok(None);
        }
        let mut store = Self { connection, bounds, path };
        store.shrink()?;
        store.connection.pragma_update(None, "max_page_count", store.pages())?;
        Ok(Some(store))
    }

    /// Writes records in one commit.
    pub(super) fn write(&mut self, boot: &Boot, records: &[Record]) -> Result<()> {
        let (pages, visits) = (self.pages(), self.bounds.visits);
        let transaction = self.connection.transaction()?;
        for record in records {
            write(&transaction, boot, record, pages)?;
        }
        transaction.execute(
            "DELETE FROM visit WHERE id <= (SELECT id FROM visit ORDER BY id DESC LIMIT 1 OFFSET ?1)",
            [visits],
        )?;
        transaction.commit()
    }

    /// How much there is.
    pub(super) fn size(&self) -> Result<Size> {
        let count = |sql| self.connection.query_row(sql, [], |row| row.get::<_, u64>(0));
        Ok(Size {
            visits: count("SELECT count(*) FROM visit")?,
            pictures: count("SELECT count(*) FROM picture")?,
            bytes: used(&self.connection)? * PAGE,
        })
    }

    /// For reading.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// All quiet hours, in the order in which they were made.
    pub(super) fn quiet(&self) -> Result<Vec<(i64, Quiet)>> {
        let mut statement = self
            .connection
            .prepare("SELECT id, days, from_minute, to_minute, bells, who FROM quiet ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            let (bells, who): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
            let quiet = || {
                Some(Quiet {
                    days: Days::from_bits(row.get(1).ok()?)?,
                    from: TimeOfDay::from_minutes(row.get(2).ok()?)?,
                    to: TimeOfDay::from_minutes(row.get(3).ok()?)?,
                    bells: list(bells)?,
                    who: list(who)?,
                })
            };
            Ok(quiet().map(|quiet| (row.get_unwrap(0), quiet)))
        })?;
        // What means nothing is as if it were not there; it is never written here.
        rows.filter_map(Result::transpose).collect()
    }

    /// Adds quiet hours, unless there are as many as there may be.
    pub(super) fn add_quiet(&self, quiet: &Quiet) -> Result<bool> {
        let text = |names: Option<Vec<&str>>| names.and_then(|names| serde_json::to_string(&names).ok());
        let bells = quiet.bells.as_ref().map(|bells| bells.iter().map(alexa::EndpointId::as_str).collect());
        let who = quiet.who.as_ref().map(|who| who.iter().map(String::as_str).collect());
        let added = self.connection.execute(
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
    pub(super) fn remove_quiet(&self, id: i64) -> Result<()> {
        self.connection.execute("DELETE FROM quiet WHERE id = ?1", [id]).map(drop)
    }

    /// The most pages that the file may have.
    fn pages(&self) -> u64 {
        self.bounds.bytes.saturating_sub(LOG).max(MEBIBYTE) / PAGE
    }

    /// Brings a file that is larger than it may be below its bound, little by little: the bound may be a new one.
    fn shrink(&mut self) -> Result<()> {
        let pages = self.pages();
        loop {
            let before = count(&self.connection, "page_count")?;
            if before <= pages {
                return Ok(());
            }
            let transaction = self.connection.transaction()?;
            let some = used(&transaction)?.saturating_sub(MEBIBYTE / PAGE);
            make_room(&transaction, some.max(pages))?;
            transaction.commit()?;
            // It gives back a page with each row that is asked for.
            let mut statement = self.connection.prepare("PRAGMA incremental_vacuum(256)")?;
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
            if count(&self.connection, "page_count")? >= before {
                return Ok(());
            }
        }
    }
}

/// Whether what is wrong is the file itself.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Where a database is kept that is not used any more.
pub(super) fn aside(path: &Path) -> PathBuf {
    path.with_extension("aside.db")
}

/// Gives the file another name, in the place of what was set aside before: there is one at most. If that cannot be done,
/// it cannot be opened anew either, and that is told of.
fn set_aside(path: &Path) {
    let with = |path: &Path, end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    for end in ["", "-wal"] {
        let _ = std::fs::remove_file(with(&aside(path), end));
        let _ = std::fs::rename(with(path, end), with(&aside(path), end));
    }
}

fn write(transaction: &Transaction<'_>, boot: &Boot, record: &Record, pages: u64) -> Result<()> {
    make_room(transaction, pages.saturating_sub(SPARE))?;
    match record {
        Record::Visit { press, bell, at, is_trial } => {
            let sql = "INSERT INTO visit (boot, edge, bell, bell_name, at_ms, is_trial)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                       ON CONFLICT DO UPDATE SET bell_name = ?4, at_ms = coalesce(at_ms, ?5)";
            let (edge, at) = (edge(press), at.map(milliseconds));
            transaction
                .execute(sql, params![boot.as_str(), edge, press.bell.as_str(), bell, at, is_trial])?;
        }
        Record::Dated { press, at } => {
            let sql = "UPDATE visit SET at_ms = coalesce(at_ms, ?2) WHERE id = ?1";
            transaction.execute(sql, params![visit(transaction, boot, press)?, milliseconds(*at)])?;
        }
        Record::Outcome { press, who, outcome, told, took } => {
            let sql = "INSERT INTO outcome (visit, who, outcome, told, took_us) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT DO NOTHING";
            let visit = visit(transaction, boot, press)?;
            let took = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
            let told: String = told.chars().take(super::LONGEST).collect();
            transaction.execute(sql, params![visit, who, outcome.as_str(), told, took])?;
        }
        Record::Picture { press, who, picture: Picture { jpeg, offset_ms } } => {
            let needed = u64::try_from(jpeg.len()).unwrap_or(u64::MAX) / PAGE;
            make_room(transaction, pages.saturating_sub(needed + SPARE))?;
            let sql = "INSERT INTO picture (visit, who, offset_ms, jpeg) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT DO NOTHING";
            let visit = visit(transaction, boot, press)?;
            transaction.execute(sql, params![visit, who, offset_ms, &jpeg[..]])?;
        }
    }
    Ok(())
}

/// The visit of a press. If it was not written, because the process ended in between, it is now.
fn visit(transaction: &Transaction<'_>, boot: &Boot, press: &PressId) -> Result<i64> {
    let (boot, edge, bell) = (boot.as_str(), edge(press), press.bell.as_str());
    transaction.execute(
        "INSERT INTO visit (boot, edge, bell, bell_name, is_trial) VALUES (?1, ?2, ?3, ?3, 0)
         ON CONFLICT DO NOTHING",
        params![boot, edge, bell],
    )?;
    let sql = "SELECT id FROM visit WHERE boot = ?1 AND edge = ?2 AND bell = ?3";
    transaction.query_row(sql, params![boot, edge, bell], |row| row.get(0))
}

/// Lets go of the oldest pictures, and when there are none of the oldest visits, until at most `pages` are in use.
fn make_room(connection: &Connection, pages: u64) -> Result<()> {
    while used(connection)? > pages {
        let oldest = "DELETE FROM picture WHERE id = (SELECT min(id) FROM picture)";
        let or_visit = "DELETE FROM visit WHERE id = (SELECT min(id) FROM visit)";
        if connection.execute(oldest, [])? == 0 && connection.execute(or_visit, [])? == 0 {
            break;
        }
    }
    Ok(())
}

/// Pages in use.
fn used(connection: &Connection) -> Result<u64> {
    Ok(count(connection, "page_count")?.saturating_sub(count(connection, "freelist_count")?))
}

fn count(connection: &Connection, pages: &str) -> Result<u64> {
    connection.pragma_query_value(None, pages, |row| row.get(0))
}

/// Nothing is as nothing, text is the list in it, and nonsense is `None`.
fn list<T: serde::de::DeserializeOwned + Ord>(text: Option<String>) -> Option<Option<BTreeSet<T>>> {
    text.map_or(Some(None), |text| serde_json::from_str(&text).ok().map(Some))
}

fn edge(press: &PressId) -> i64 {
    i64::try_from(press.edge.as_nanos()).unwrap_or(i64::MAX)
}

fn milliseconds(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The one that `sql` finds, if it finds one.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    id: i64,
    read: impl FnOnce(&rusqlite::Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    connection.query_row(sql, [id], read).optional()
}
