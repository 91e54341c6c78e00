//! The two processors that Lambda runs functions on, by the name each toolchain gives them.

use std::fmt;
use std::str::FromStr;

/// A processor architecture, written as Lambda writes it: `x86_64` or `arm64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Intel and AMD, 64 bit.
    X86_64,
    /// AWS Graviton.
    Arm64,
}

impl Architecture {
    /// The architecture of this machine, when it is one of the two.
    #[must_use]
    pub fn of_this_machine() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::X86_64),
            "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }

    /// Lambda's name, as in its `Architectures`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    /// Go's `GOARCH`, which is also what an OCI image configuration calls it.
    #[must_use]
    pub fn go(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// The first part of a Rust target.
    #[must_use]
    pub fn rust(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "aarch64",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was found is not one of the two names.
#[derive(Debug, thiserror::Error)]
#[error("not an architecture of Lambda")]
pub struct UnknownArchitecture;

impl FromStr for Architecture {
    type Err = UnknownArchitecture;

    fn from_str(text: &str) -> Result<Self, UnknownArchitecture> {
        match text {
            "x86_64" => Ok(Self::X86_64),
            "arm64" => Ok(Self::Arm64),
            _ => Err(UnknownArchitecture),
        }
    }
}
