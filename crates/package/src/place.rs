//! Where in a bucket packages and manifests are.

use std::fmt;

use crate::architecture::Architecture;
use crate::version::Version;

/// Longest prefix.
const LIMIT: usize = 100;

/// What the keys of all objects begin with, like `device`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(String);

/// What was found is no prefix.
#[derive(Debug, thiserror::Error)]
#[error("expected lower-case words with slashes between, like device")]
pub struct WrongPrefix;

impl Prefix {
    /// Lower-case letters, digits, hyphens and underscores, in words with slashes between.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, WrongPrefix> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        let good =
            text.len() <= LIMIT && text.split('/').all(|word| !word.is_empty() && word.bytes().all(letter));
        if good { Ok(Self(text.to_owned())) } else { Err(WrongPrefix) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The folder of one architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What all keys begin with.
    pub prefix: Prefix,
    /// Whose packages they are.
    pub architecture: Architecture,
}

impl Place {
    /// The key of the signed manifest, `PREFIX/ARCHITECTURE/latest.json`.
    #[must_use]
    pub fn manifest_key(&self) -> String {
        format!("{}/{}/latest.json", self.prefix, self.architecture)
    }

    /// What the keys of all its packages begin with.
    #[must_use]
    pub fn package_prefix(&self) -> String {
        format!("{}/{}/{}_", self.prefix, self.architecture, crate::NAME)
    }

    /// The key of a package, which ends with the name that Debian gives its file.
    #[must_use]
    pub fn package_key(&self, version: &Version) -> String {
        format!("{}{version}_{}.deb", self.package_prefix(), self.architecture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_words_with_slashes_between() {
        for good in ["device", "a/b-2/c_d"] {
            assert_eq!(Prefix::parse(good).expect(good).to_string(), good);
        }
        let long = "a".repeat(LIMIT + 1);
        for bad in ["", "/", "/device", "device/", "a//b", "Device", "..", "a b", "a+b", &long] {
            assert!(Prefix::parse(bad).is_err(), "{bad}");
        }
    }
}
