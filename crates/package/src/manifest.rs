//! What a manifest says.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use time::OffsetDateTime;
use time::serde::rfc3339;

use crate::architecture::Architecture;
use crate::version::Version;

/// The latest package of an architecture.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// As dpkg knows it.
    pub version: Version,
    /// Whose it is.
    pub architecture: Architecture,
    /// Where it is in the bucket.
    pub key: String,
    /// The hash of its file.
    pub sha256: Sha256,
    /// The size of its file in bytes.
    pub size: usize,
    /// When it was published, UTC.
    #[serde(with = "rfc3339")]
    pub published_at: OffsetDateTime,
}

/// Bytes that are not the package of a manifest.
#[derive(Debug, thiserror::Error)]
pub enum NotThePackage {
    /// Cut off, or something else.
    #[error("it has {found} bytes, and the manifest says {wanted}")]
    Size {
        /// As they are.
        found: usize,
        /// As they should be.
        wanted: usize,
    },
    /// Changed.
    #[error("its SHA-256 is {found}, and the manifest says {wanted}")]
    Hash {
        /// As it is.
        found: Sha256,
        /// As it should be.
        wanted: Sha256,
    },
}

impl Manifest {
    /// Whether `package` is the one that is meant.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, package: &[u8]) -> Result<(), NotThePackage> {
        if package.len() != self.size {
            return Err(NotThePackage::Size { found: package.len(), wanted: self.size });
        }
        let (found, wanted) = (Sha256::of(package), self.sha256);
        if found == wanted { Ok(()) } else { Err(NotThePackage::Hash { found, wanted }) }
    }
}

/// A hash, written as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The hash of `data`.
    #[must_use]
    pub fn of(data: &[u8]) -> Self {
        Self(sha2::Sha256::digest(data).into())
    }
}

impl From<[u8; 32]> for Sha256 {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Sha256 {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || String::from("expected 64 hexadecimal digits, lower-case");
        let digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        if text.len() != 64 || !text.as_bytes().iter().all(digit) {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Sha256> for String {
    fn from(hash: Sha256) -> Self {
        hash.to_string()
    }
}
