//! Which of two versions dpkg takes for the newer one (deb-version(7), "Sorting algorithm").

use std::cmp::Ordering;

use crate::version::Version;

impl Version {
    /// Whether dpkg would call it an upgrade from `other`. Of two that only look different, like 1.0 and 1.00, neither is
    /// newer.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        compare(self.as_str().as_bytes(), other.as_str().as_bytes()) == Ordering::Greater
    }
}

/// From the left, in turns: what is no digit, byte by byte, and then digits as one number.
fn compare(mut one: &[u8], mut other: &[u8]) -> Ordering {
    while !one.is_empty() || !other.is_empty() {
        let order = compare_words(take(&mut one, false), take(&mut other, false))
            .then_with(|| compare_numbers(take(&mut one, true), take(&mut other, true)));
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// Takes from the start of `text` all that is digits, or all that is none.
fn take<'a>(text: &mut &'a [u8], digits: bool) -> &'a [u8] {
    let end = text.iter().position(|byte| byte.is_ascii_digit() != digits).unwrap_or(text.len());
    let (taken, rest) = text.split_at(end);
    *text = rest;
    taken
}

fn compare_words(one: &[u8], other: &[u8]) -> Ordering {
    let weights = |word: &'_ [u8]| word.iter().map(|&byte| weight(byte)).chain([END]).collect::<Vec<_>>();
    weights(one).cmp(&weights(other))
}

/// Where a word ends: after a tilde, before everything else.
const END: u16 = 1;

/// Letters before everything that is none, but for the tilde, which is before the end.
fn weight(byte: u8) -> u16 {
    match byte {
        b'~' => 0,
        letter if letter.is_ascii_alphabetic() => END + u16::from(letter),
        other => END + 256 + u16::from(other),
    }
}

fn compare_numbers(one: &[u8], other: &[u8]) -> Ordering {
    let significant = |number: &'_ [u8]| {
        let zeros = number.iter().take_while(|&&digit| digit == b'0').count();
        number[zeros..].to_vec()
    };
    let (one, other) = (significant(one), significant(other));
    one.len().cmp(&other.len()).then(one.cmp(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each is newer than the one before it; `dpkg --compare-versions` says the same.
    const RISING: [&str; 12] = [
        "0.1.0~rc.1+20260301081530.1a9b03d2c4",
        "0.1.0~rc.2+20250301081530.1a9b03d2c4",
        "0.1.0",
        "0.1.0a",
        "0.1.0+20260301081530",
        "0.1.0+20260301081530.1a9b03d2c4",
        "0.1.0+20260301081530.2a9b03d2c4",
        "0.1.0+20260301081530.10a9b03d2c",
        "0.1.0+20260301081531.1a9b03d2c4",
        "0.2.0+20250301081530.1a9b03d2c4",
        "0.10.0",
        "1",
    ];

    #[test]
    fn a_version_is_newer_as_dpkg_takes_it() {
        let versions = RISING.map(|text| Version::try_from(text.to_owned()).expect(text));
        for (at, one) in versions.iter().enumerate() {
            for (other_at, other) in versions.iter().enumerate() {
                assert_eq!(one.is_newer_than(other), at > other_at, "{one} and {other}");
            }
        }
    }

    #[test]
    fn zeros_before_a_number_change_nothing() {
        let [one, other] = ["1.0", "1.00"].map(|text| Version::try_from(text.to_owned()).expect(text));
        assert!(!one.is_newer_than(&other) && !other.is_newer_than(&one));
    }
}
