//! A digest, `sha256:` and 64 hexadecimal digits, and the check that bytes have it.

use std::fmt::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const PREFIX: &str = "sha256:";

/// A SHA-256 digest in a registry's form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

/// Text that is no digest.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no digest, expected sha256: and 64 hexadecimal digits")]
pub struct WrongDigest(String);

impl Digest {
    /// The name of the folder for what has this digest: no `:`, which has a meaning in search paths.
    pub fn as_folder(&self) -> String {
        self.0.replace(':', "-")
    }

    /// The digest of what was hashed.
    pub(super) fn of(hash: Sha256) -> Self {
        let mut text = String::from(PREFIX);
        for byte in hash.finalize() {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        }
        Self(text)
    }
}

impl FromStr for Digest {
    type Err = WrongDigest;

    fn from_str(text: &str) -> Result<Self, WrongDigest> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match text.strip_prefix(PREFIX) {
            Some(digits) if digits.len() == 64 && digits.bytes().all(is_digit) => Ok(Self(text.to_owned())),
            _ => Err(WrongDigest(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = WrongDigest;

    fn try_from(text: String) -> Result<Self, WrongDigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        let known = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(Sha256::new()), known.parse().unwrap());
    }

    #[test]
    fn only_sha256_in_lower_case_and_full_length_is_a_digest() {
        let digits = "ab".repeat(32);
        assert!(format!("sha256:{digits}").parse::<Digest>().is_ok());
        for wrong in [
            digits.clone(),
            format!("sha512:{digits}"),
            format!("sha256:{}", digits.to_uppercase()),
            format!("sha256:{digits}0"),
            "sha256:../../etc".to_owned(),
            String::new(),
        ] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
