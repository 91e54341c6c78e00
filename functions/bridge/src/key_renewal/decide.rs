//! Whether it is time for a new key.

use serde::Serialize;
use tailscale_api::LONGEST_LIFE;
use time::OffsetDateTime;

use super::record::Record;

/// What is there.
#[derive(Debug)]
pub(super) struct Present {
    /// Whether there is a key.
    pub(super) key: bool,
    /// What is written down about it.
    pub(super) record: Option<Record>,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision<'a> {
    /// Nothing: the key is good for long enough.
    Keep(&'a Record),
    /// Make a new key.
    Renew(Reason),
}

/// Why a new key is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is none yet.
    NoKey,
    /// Nothing that can be believed is written down about it.
    NoRecord,
    /// It was made by another client, or for other tags.
    OtherSettings,
    /// Less than half of its life is left.
    HalfLife,
}

/// Half of a life is left for putting right whatever keeps a new key away: 45 days, each with its attempt.
pub(super) fn decide<'a>(
    now: OffsetDateTime,
    present: &'a Present,
    client_id: &str,
    tags: &[String],
) -> Decision<'a> {
    if !present.key {
        return Decision::Renew(Reason::NoKey);
    }
    let Some(record) = &present.record else { return Decision::Renew(Reason::NoRecord) };
    if record.client_id != client_id || record.tags != tags {
        return Decision::Renew(Reason::OtherSettings);
    }
    let (life, left) = (record.ends - record.begins, record.ends - now);
    // No key has such a life, so the record is of something else; believing it would let the key end unseen.
    let longest = LONGEST_LIFE + CLOCKS_APART;
    if !life.is_positive() || life > longest || left > longest {
        return Decision::Renew(Reason::NoRecord);
    }
    if left * 2 < life {
        return Decision::Renew(Reason::HalfLife);
    }
    Decision::Keep(record)
}

/// How far the function's clock and Tailscale's may be apart.
const CLOCKS_APART: time::Duration = time::Duration::HOUR;

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    fn start() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_772_323_200).expect("a date")
    }

    fn record(days: i64) -> Record {
        Record {
            id: "k1".into(),
            client_id: "client".into(),
            tags: vec!["tag:porch".into()],
            begins: start(),
            ends: start() + Duration::days(days),
        }
    }

    fn check(record: Option<Record>, after: Duration, wanted: Option<Reason>) {
        let present = Present { key: true, record };
        let decision = decide(start() + after, &present, "client", &["tag:porch".to_owned()]);
        match wanted {
            Some(reason) => assert_eq!(decision, Decision::Renew(reason), "after {after}"),
            None => assert!(matches!(decision, Decision::Keep(_)), "after {after}: {decision:?}"),
        }
    }

    #[test]
    fn a_key_is_renewed_in_the_second_half_of_its_life() {
        for (days, after, wanted) in [
            (90, Duration::ZERO, None),
            (90, Duration::days(-1), Some(Reason::NoRecord)),
            (90, Duration::minutes(-30), None),
            (90, Duration::days(45), None),
            (90, Duration::days(45) + Duration::SECOND, Some(Reason::HalfLife)),
            (90, Duration::days(90), Some(Reason::HalfLife)),
            (90, Duration::days(400), Some(Reason::HalfLife)),
            (1, Duration::hours(11), None),
            (1, Duration::hours(13), Some(Reason::HalfLife)),
            (0, Duration::ZERO, Some(Reason::NoRecord)),
            (-5, Duration::days(-9), Some(Reason::NoRecord)),
            (91, Duration::ZERO, Some(Reason::NoRecord)),
            (3650, Duration::days(1000), Some(Reason::NoRecord)),
        ] {
            check(Some(record(days)), after, wanted);
        }
        check(None, Duration::ZERO, Some(Reason::NoRecord));
    }

    #[test]
    fn a_key_of_other_settings_is_renewed() {
        let other = |client_id: &str, tags: &[&str]| Record {
            client_id: client_id.into(),
            tags: tags.iter().map(|&tag| tag.into()).collect(),
            ..record(90)
        };
        for record in [other("other", &["tag:porch"]), other("client", &["tag:x"]), other("client", &[])] {
            check(Some(record), Duration::ZERO, Some(Reason::OtherSettings));
        }
    }

    #[test]
    fn without_a_key_a_record_means_nothing() {
        let present = Present { key: false, record: Some(record(90)) };
        let decision = decide(start(), &present, "client", &["tag:porch".to_owned()]);
        assert_eq!(decision, Decision::Renew(Reason::NoKey));
    }

    #[test]
    fn a_year_of_days_is_never_without_a_key() {
        let (mut present, mut made) = (Present { key: true, record: Some(record(90)) }, 1);
        for day in 1..=365 {
            let now = start() + Duration::days(day);
            if let Decision::Renew(_) = decide(now, &present, "client", &["tag:porch".to_owned()]) {
                present.record = Some(Record { begins: now, ends: now + Duration::days(90), ..record(90) });
                made += 1;
            }
            let ends = present.record.as_ref().expect("a record").ends;
            assert!(ends - now >= Duration::days(45), "on day {day}");
        }
        assert_eq!(made, 8);
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let written = record(90).to_text();
        insta::assert_snapshot!(written, @r#"{"id":"k1","clientId":"client","tags":["tag:porch"],"begins":"2026-03-01T00:00:00Z","ends":"2026-05-30T00:00:00Z"}"#);
        assert_eq!(Record::read(&written), Some(record(90)));
        for text in ["", "nothing yet", "{}", "null"] {
            assert_eq!(Record::read(text), None, "{text}");
        }
    }
}
