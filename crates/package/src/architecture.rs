//! The processors that there are packages for, by Debian's names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A processor architecture, written as Debian writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Intel and AMD, 64 bit.
    Amd64,
    /// Raspberry Pi 3 and later, with a 64 bit system.
    Arm64,
    /// Every Raspberry Pi with a 32 bit system, the first and Zero too.
    Armhf,
}

/// What was found is none of the names.
#[derive(Debug, thiserror::Error)]
#[error("expected {}, {} or {}", Architecture::Amd64, Architecture::Arm64, Architecture::Armhf)]
pub struct UnknownArchitecture;

impl Architecture {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Amd64, Self::Arm64, Self::Armhf];

    /// Debian's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
            Self::Armhf => "armhf",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Architecture {
    type Err = UnknownArchitecture;

    fn from_str(text: &str) -> Result<Self, UnknownArchitecture> {
        Self::ALL.into_iter().find(|architecture| architecture.name() == text).ok_or(UnknownArchitecture)
    }
}
