//! The version of a published package.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longest version that is read.
const LIMIT: usize = 100;

/// How much of the source hash is in a version.
const HASH_DIGITS: usize = 10;

/// A version as dpkg orders them, like `0.1.0+20260301081530.1a9b03d2c4`: the crate's, then when it was published, UTC,
/// then the hash of the sources.
///
/// dpkg compares from the left, runs of digits as numbers (deb-version(7)). The date is always of 14 digits, so that of
/// one crate version what is published later is greater, whatever its sources are; going back to an older crate version
/// is the downgrade that it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(String);

/// What was found is no version.
#[derive(Debug, thiserror::Error)]
#[error("expected a version, like 0.1.0+20260301081530.1a9b03d2c4")]
pub struct WrongVersion;

impl Version {
    /// The version of what is published at `published_at` from sources with this hash.
    ///
    /// # Errors
    /// When the crate's version is none of dpkg's, or the date is none of 14 digits.
    pub fn new(
        crate_version: &str,
        published_at: OffsetDateTime,
        source_hash: &str,
    ) -> Result<Self, WrongVersion> {
        let date = published_at.to_utc().truncate_to_second().format(&Rfc3339).map_err(|_| WrongVersion)?;
        let date: String = date.chars().filter(char::is_ascii_digit).collect();
        let hash = source_hash.get(..HASH_DIGITS).unwrap_or(source_hash);
        if date.len() != 14 {
            return Err(WrongVersion);
        }
        // A hyphen would begin what Debian calls the revision; a tilde sorts as it should, before the release.
        format!("{}+{date}.{hash}", crate_version.replace('-', "~")).try_into()
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Version {
    type Error = WrongVersion;

    /// Without an epoch and a revision, which porch does not use: a version is also a part of a file's name.
    fn try_from(text: String) -> Result<Self, WrongVersion> {
        let good = text.len() <= LIMIT
            && text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+~".contains(&byte));
        if good { Ok(Self(text)) } else { Err(WrongVersion) }
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_version_says_which_crate_when_and_from_what() {
        let cases = [
            ("0.1.0", "1a9b03d2c4e5f60718293a4b5c6d7e8f", "0.1.0+20260301081530.1a9b03d2c4"),
            ("1.0.0-rc.1", "1a9b03d2c4", "1.0.0~rc.1+20260301081530.1a9b03d2c4"),
        ];
        for (crate_version, hash, wanted) in cases {
            let version = Version::new(crate_version, datetime!(2026-03-01 09:15:30.7 +1), hash);
            assert_eq!(version.expect(crate_version).as_str(), wanted);
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        let long = format!("0.{}", "1".repeat(LIMIT));
        for bad in ["", "v1", "1:0.1.0", "0.1.0-1", "0.1.0/../..", "0.1.0\n", "0.1 0", "0.1.0_1", &long] {
            assert!(Version::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert!(Version::new("0.1.0 ", datetime!(2026-03-01 08:15:30 UTC), "1a").is_err());
    }
}
