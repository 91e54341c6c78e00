//! When something was, as messages have it.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// UTC, whole seconds, like `2026-03-01T08:15:30Z`: of a press, fractions are refused by Amazon's schema.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// The second in which `at` is.
    #[must_use]
    pub fn of(at: SystemTime) -> Self {
        Self(OffsetDateTime::from(at).truncate_to_second())
    }
}

impl From<Timestamp> for String {
    fn from(Timestamp(at): Timestamp) -> Self {
        at.format(&Rfc3339).expect("a year of four digits, in UTC")
    }
}

impl TryFrom<String> for Timestamp {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const EXPECTED: &str = "a time in UTC with whole seconds, like 2026-03-01T08:15:30Z";
        let at = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| EXPECTED)?;
        let whole = at == at.truncate_to_second();
        let plain = whole && at.offset().is_utc() && String::from(Self(at)) == text;
        if plain { Ok(Self(at)) } else { Err(EXPECTED) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_is_written_in_whole_seconds_of_utc() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_772_352_930_987);
        let text = String::from(Timestamp::of(at));
        assert_eq!(text, "2026-03-01T08:15:30Z");
        assert_eq!(Timestamp::try_from(text), Ok(Timestamp::of(at)));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in
            ["", "2026-03-01T08:15:30.5Z", "2026-03-01T08:15:30+01:00", "2026-03-01 08:15:30Z", "1772352930"]
        {
            assert!(Timestamp::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
