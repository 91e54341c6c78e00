//! Quiet hours: when it is quiet, for whom, and what the clock's leaps do to that.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alexa::EndpointId;
use device::announce::PressId;
use device::clock::Monotonic;
use device::integration::Visit;
use device::quiet::{Days, Quiet, QuietHours, TimeOfDay};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

fn zone() -> TimeZone {
    // Central European time, as the system's database has it (POSIX, TZ).
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a time zone")
}

/// Quiet hours as `Fri,Sat 22:00 07:00`.
fn quiet(text: &str) -> Quiet {
    let words: Vec<&str> = text.split(' ').collect();
    let day = |name: &str| Days::WEEK.into_iter().find(|(known, _)| *known == name).expect("a day").1;
    let time = |word: &str| TimeOfDay::parse(word).expect("a time");
    let days = Days::of(words[0].split(',').map(day)).expect("days");
    Quiet { days, from: time(words[1]), to: time(words[2]), bells: None, who: None }
}

fn utc(text: &str) -> SystemTime {
    text.parse::<jiff::Timestamp>().expect("a time").into()
}

fn visit(at: Option<SystemTime>, bell: &str) -> Visit {
    let bell = EndpointId::parse(bell).expect("an id");
    let press = PressId { edge: Monotonic::default(), bell };
    Visit { press, bell: "Front door".to_owned(), at, is_trial: false }
}

fn check(hours: &str, cases: &[(&str, bool)]) {
    let mut all = QuietHours::none(zone());
    all.set(vec![quiet(hours)]);
    for (at, wanted) in cases {
        let visit = visit(Some(utc(at)), "front-door");
        assert_eq!(all.silence("alexa", &visit), *wanted, "{hours} at {at}");
    }
}

#[test]
fn it_is_quiet_from_the_first_minute_to_before_the_last_by_the_local_clock() {
    // A Tuesday in winter, one hour before UTC.
    check(
        "Tue 13:00 15:00",
        &[
            ("2026-12-01T11:59:59.999Z", false),
            ("2026-12-01T12:00:00Z", true),
            ("2026-12-01T13:59:59.999Z", true),
            ("2026-12-01T14:00:00Z", false),
            ("2026-12-02T12:30:00Z", false),
        ],
    );
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    check(
        "Fri,Sat 22:00 07:00",
        &[
            ("2026-12-04T20:59:00Z", false),
            ("2026-12-04T21:00:00Z", true),
            ("2026-12-05T05:59:00Z", true),
            ("2026-12-05T06:00:00Z", false),
            ("2026-12-06T05:59:00Z", true),
            ("2026-12-06T21:30:00Z", false),
            ("2026-12-04T05:00:00Z", false),
        ],
    );
}

#[test]
fn the_same_time_twice_is_a_whole_day() {
    check(
        "Sun 06:00 06:00",
        &[
            ("2026-12-06T04:59:00Z", false),
            ("2026-12-06T05:00:00Z", true),
            ("2026-12-07T04:59:00Z", true),
            ("2026-12-07T05:00:00Z", false),
        ],
    );
}

#[test]
fn an_hour_that_does_not_come_ends_what_was_to_end_in_it() {
    // On 2027-03-28 the clock goes from 02:00 to 03:00, at 01:00 UTC.
    check("Sat 22:00 02:30", &[("2027-03-28T00:59:59Z", true), ("2027-03-28T01:00:00Z", false)]);
    // One that was to begin in it begins with what comes instead.
    check("Sun 02:30 05:00", &[("2027-03-28T00:59:59Z", false), ("2027-03-28T01:00:00Z", true)]);
}

#[test]
fn an_hour_that_comes_twice_is_quiet_twice() {
    // On 2026-10-25 the clock goes from 03:00 to 02:00, at 01:00 UTC.
    check(
        "Sat 22:00 02:30",
        &[
            ("2026-10-25T00:29:00Z", true),
            ("2026-10-25T00:30:00Z", false),
            ("2026-10-25T01:00:00Z", true),
            ("2026-10-25T01:29:59Z", true),
            ("2026-10-25T01:30:00Z", false),
        ],
    );
}

#[test]
fn some_can_be_spared_at_some_bells() {
    let bells = Some([EndpointId::parse("garden").expect("an id")].into());
    let who = Some(["hue".to_owned()].into());
    let mut all = QuietHours::none(zone());
    all.set(vec![Quiet { bells, who, ..quiet("Tue 00:00 00:00") }]);
    let at = Some(utc("2026-12-01T12:00:00Z"));
    assert!(all.silence("hue", &visit(at, "garden")));
    assert!(!all.silence("hue", &visit(at, "front-door")));
    assert!(!all.silence("alexa", &visit(at, "garden")));
}

#[test]
fn nobody_is_spared_while_the_clock_is_not_set() {
    let mut all = QuietHours::none(zone());
    all.set(vec![quiet("Mon,Tue,Wed,Thu,Fri,Sat,Sun 00:00 00:00")]);
    assert!(all.silence("alexa", &visit(Some(UNIX_EPOCH + Duration::from_secs(1_796_112_930)), "garden")));
    assert!(!all.silence("alexa", &visit(None, "garden")));
}

#[test]
fn times_and_days_are_read_strictly_and_written_as_they_are_read() {
    for text in ["00:00", "07:05", "23:59"] {
        assert_eq!(TimeOfDay::parse(text).expect("a time").to_string(), text);
    }
    for text in ["24:00", "12:60", "7:00", "07:5", "07", "", "07:00:00", "+7:00", "aa:bb"] {
        assert_eq!(TimeOfDay::parse(text), None, "{text}");
    }
    assert_eq!(Days::of([]), None);
    assert_eq!(Days::from_bits(0x80), None);
    assert_eq!(Days::of([Weekday::Sunday, Weekday::Monday]).expect("days").to_string(), "Mon, Sun");
    assert_eq!(Days::from_bits(0x7f).expect("days").to_string(), "every day");
}
