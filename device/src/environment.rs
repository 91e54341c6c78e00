//! What the service manager tells the daemon (systemd.exec(5), sd_notify(3), sd_watchdog_enabled(3)).

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The variables of the service manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// `CREDENTIALS_DIRECTORY`: where the unit's credentials are. Default: `/etc/porch`, from where the unit has them.
    pub credentials: PathBuf,
    /// `RUNTIME_DIRECTORY`: a folder in memory that outlives this process but not the machine's start. Default:
    /// `/run/porch-doorbell`.
    pub runtime: PathBuf,
    /// `STATE_DIRECTORY`: a folder that outlives everything. Default: `/var/lib/porch-doorbell`.
    pub state: PathBuf,
    /// `NOTIFY_SOCKET`: where to say how it goes; an `@` at the start stands for a zero byte.
    pub notify: Option<OsString>,
    /// `WATCHDOG_USEC`: how often to say that all is well. None if that is not wanted.
    pub watchdog: Option<Duration>,
    /// `JOURNAL_STREAM`: standard error leads to the journal, which understands priorities.
    pub journal: bool,
}

impl Environment {
    /// Reads the variables through `lookup`. What is not understood is as if it were absent: the service manager, not
    /// a person, writes them.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let microseconds = set("WATCHDOG_USEC").and_then(|value| value.to_str()?.parse().ok());
        Self {
            credentials: set("CREDENTIALS_DIRECTORY").map_or_else(|| "/etc/porch".into(), PathBuf::from),
            runtime: set("RUNTIME_DIRECTORY").map_or_else(|| "/run/porch-doorbell".into(), PathBuf::from),
            state: set("STATE_DIRECTORY").map_or_else(|| "/var/lib/porch-doorbell".into(), PathBuf::from),
            notify: set("NOTIFY_SOCKET"),
            watchdog: microseconds.map(Duration::from_micros).filter(|time| !time.is_zero()),
            journal: set("JOURNAL_STREAM").is_some(),
        }
    }
}
