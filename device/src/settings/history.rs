//! `[history]`.

use toml::Table;

use super::section::Section;
use super::wrong::WrongSettings;
use crate::environment::Environment;
use crate::history::HistorySettings;

pub(super) fn read(table: &Table, environment: &Environment, wrong: &mut WrongSettings) -> HistorySettings {
    let mut section = Section::new("history.", table, wrong);
    let visits = section.number("visits", 10..=100_000);
    let megabytes = section.number("megabytes", 16..=4096);
    section.finish();
    HistorySettings {
        file: environment.state.join("history.db"),
        visits: visits.unwrap_or(1000),
        megabytes: megabytes.unwrap_or(200),
    }
}
