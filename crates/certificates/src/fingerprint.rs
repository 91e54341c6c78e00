//! SHA-256 of a certificate.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::Expected;

/// SHA-256 of a certificate's DER, by which one certificate is told from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of the certificate that is `der`.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// Reads 64 hexadecimal digits in either case, in pairs with a colon between all of them or none.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        const EXPECTED: Expected =
            "64 hexadecimal digits, as `openssl x509 -noout -fingerprint -sha256` prints after the =";
        let mut pairs: Vec<&str> = text.split(':').collect();
        if let [digits] = pairs[..] {
            pairs = digits.as_bytes().chunks(2).filter_map(|pair| str::from_utf8(pair).ok()).collect();
        }
        let byte = |pair: &str| {
            let digits = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            if digits { u8::from_str_radix(pair, 16).ok() } else { None }
        };
        let bytes: Option<Vec<u8>> = pairs.into_iter().map(byte).collect();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(EXPECTED)
    }

    /// Whether both are the same, found out in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
    }
}

/// As openssl prints it: pairs of upper-case digits with colons between them.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if index == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_openssl_prints_it_with_or_without_colons_in_either_case() {
        let printed = Fingerprint::of(b"").to_string();
        assert!(printed.starts_with("E3:B0:C4:42:98:FC:1C:14:"), "{printed}");
        for text in [printed.clone(), printed.to_lowercase(), printed.replace(':', "")] {
            let read = Fingerprint::parse(&text).expect("a fingerprint");
            assert!(read.matches(&Fingerprint::of(b"")) && !read.matches(&Fingerprint::of(b"a")), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_fingerprint() {
        let printed = Fingerprint::of(b"").to_string();
        for text in [
            "",
            ":",
            "E3:B0",
            &printed[3..],
            &printed.replacen(':', "", 1),
            &printed.replacen("E3", "+3", 1),
            &format!(" {printed}"),
            &format!("{printed}:00"),
            &format!("sha256 Fingerprint={printed}"),
            &"\u{e4}".repeat(32),
        ] {
            assert!(Fingerprint::parse(text).is_err(), "{text}");
        }
    }
}
