//! Quiet hours: when somebody rings, and not everybody is to be told.
//!
//! They are kept by the clock on the wall. Where that leaps at the change to summer time, quiet hours leap with it: one
//! until 02:30 ends at 03:00, which is the next that the clock shows, and an hour that comes twice is quiet twice.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::time::SystemTime;

use alexa::EndpointId;
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::integration::Visit;

/// All quiet hours of a house, and the clock that they are kept by.
#[derive(Clone, Debug, PartialEq)]
pub struct QuietHours {
    zone: TimeZone,
    all: Vec<Quiet>,
}

/// Some hours of the week in which some are not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// The days on which it begins.
    pub days: Days,
    /// When it begins.
    pub from: TimeOfDay,
    /// When it ends: on the next day, if that is not after `from`.
    pub to: TimeOfDay,
    /// At which bells; none for all.
    pub bells: Option<BTreeSet<EndpointId>>,
    /// Who is not told, integrations by name and [`ALEXA`](crate::record::ALEXA); none for all.
    pub who: Option<BTreeSet<String>>,
}

/// Some days of the week, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(u8);

/// A time that the clock on the wall shows, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl QuietHours {
    /// None yet, by the clock of `zone`.
    pub fn none(zone: TimeZone) -> Self {
        Self { zone, all: Vec::new() }
    }

    /// These, in the place of those before.
    pub fn set(&mut self, all: Vec<Quiet>) {
        self.all = all;
    }

    /// Whether `who` is not to be told of `visit`. While the clock is not set nobody knows how late it is, and everybody
    /// is told.
    pub fn silence(&self, who: &str, visit: &Visit) -> bool {
        let bell = &visit.press.bell;
        visit.at.is_some_and(|at| self.now(at).any(|quiet| quiet.is_about(who, bell)))
    }

    /// The quiet hours that it is at `at`.
    pub fn now(&self, at: SystemTime) -> impl Iterator<Item = &Quiet> {
        let local = Timestamp::try_from(at).ok().map(|at| at.to_zoned(self.zone.clone()).datetime());
        self.all.iter().filter(move |quiet| {
            local.is_some_and(|local| {
                let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
                quiet.is_at(local.weekday(), TimeOfDay(u16::try_from(minute).unwrap_or_default()))
            })
        })
    }
}

impl Quiet {
    fn is_about(&self, who: &str, bell: &EndpointId) -> bool {
        self.who.as_ref().is_none_or(|names| names.contains(who))
            && self.bells.as_ref().is_none_or(|bells| bells.contains(bell))
    }

    fn is_at(&self, day: Weekday, time: TimeOfDay) -> bool {
        if self.from < self.to {
            self.days.contain(day) && (self.from..self.to).contains(&time)
        } else {
            (self.days.contain(day) && self.from <= time)
                || (self.days.contain(day.previous()) && time < self.to)
        }
    }
}

impl Days {
    /// The days of the week, as they are listed.
    pub const WEEK: [(&str, Weekday); 7] = [
        ("Mon", Weekday::Monday),
        ("Tue", Weekday::Tuesday),
        ("Wed", Weekday::Wednesday),
        ("Thu", Weekday::Thursday),
        ("Fri", Weekday::Friday),
        ("Sat", Weekday::Saturday),
        ("Sun", Weekday::Sunday),
    ];

    /// These days; none if there are none.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        Self::from_bits(days.into_iter().fold(0, |days, day| days | bit(day)))
    }

    /// The days whose bits are set, Monday's being the least.
    pub fn from_bits(bits: u8) -> Option<Self> {
        (1..=0b111_1111).contains(&bits).then_some(Self(bits))
    }

    /// See [`Days::from_bits`].
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Whether this day is one of them.
    pub fn contain(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}

/// `every day`, or the days in a row.
impl Display for Days {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0b111_1111 {
            return formatter.write_str("every day");
        }
        let days: Vec<&str> =
            Self::WEEK.iter().filter(|(_, day)| self.contain(*day)).map(|(name, _)| *name).collect();
        formatter.write_str(&days.join(", "))
    }
}

impl TimeOfDay {
    /// The time that `text` names, as `22:30`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let number = |digits: &str, most: u16| {
            let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|number: &u16| is_number && *number <= most)
        };
        Some(Self(number(hour, 23)? * 60 + number(minute, 59)?))
    }

    /// The time so many minutes after midnight.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes < 24 * 60).then_some(Self(minutes))
    }

    /// Minutes after midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}
