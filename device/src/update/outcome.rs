//! What came of an update, for people.

use std::fmt;

use package::Version;

/// What was done, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing; this is the newest.
    UpToDate(Version),
    /// Nothing; what is published is older.
    Older {
        /// What is there.
        installed: Version,
        /// What is published.
        published: Version,
    },
    /// A newer one is installed, and the daemon runs.
    Updated {
        /// What was there before.
        from: Version,
        /// What is there now.
        to: Version,
    },
    /// Nothing was done; a newer one would be installed.
    WouldUpdate {
        /// What is there.
        from: Version,
        /// What would be.
        to: Version,
        /// The size of its package in bytes.
        size: usize,
    },
    /// Nothing was done; an update that did not come to its end would be finished.
    WouldFinish {
        /// What was to be installed.
        to: Version,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UpToDate(version) => write!(f, "up to date: {version}"),
            Self::Older { installed, published } => {
                write!(
                    f,
                    "nothing to do: {installed} is installed, and {published}, which is published, is older"
                )
            }
            Self::Updated { from, to } => write!(f, "updated from {from} to {to}, and the daemon is ready"),
            Self::WouldUpdate { from, to, size } => {
                let kilobytes = size.div_ceil(1000);
                write!(
                    f,
                    "would fetch {to} ({kilobytes} kB), install it in place of {from}, and restart the daemon"
                )
            }
            Self::WouldFinish { to } => {
                write!(f, "would finish the update to {to}, which did not come to its end")
            }
        }
    }
}
