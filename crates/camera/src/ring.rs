//! The newest access units of a stream, kept so that any of them can be decoded at once.

use std::collections::VecDeque;
use std::time::Duration;

use crate::unit::AccessUnit;

/// The most units that are kept, however small they are: half a minute of 60 in a second.
const MOST_UNITS: usize = 2_048;

/// A unit, and its number among all that were pushed.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) number: u64,
    pub(crate) unit: AccessUnit,
}

/// The units since the last keyframe, and those since the one before, in at most so many bytes, and 2,048.
///
/// What goes when these are too many: first the units before the last keyframe; then, if those since are too many by
/// themselves, the ones that come until the next keyframe. So what is kept can always be decoded, and with keyframes far
/// apart the newest that is kept may be seconds old.
#[derive(Debug)]
pub(crate) struct Ring {
    limit: usize,
    bytes: usize,
    units: VecDeque<Kept>,
    pushed: u64,
    /// Whether nothing is kept until the next keyframe.
    waits_for_key: bool,
}

impl Ring {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, bytes: 0, units: VecDeque::new(), pushed: 0, waits_for_key: true }
    }

    /// Keeps `unit`, if it can be decoded and has room.
    pub(crate) fn push(&mut self, unit: AccessUnit) {
        let number = self.pushed;
        self.pushed += 1;
        if unit.is_key {
            self.waits_for_key = false;
            self.drop_all_but_the_last_keyframe_s();
        } else if self.waits_for_key {
            return;
        }
        while self.bytes + unit.data.len() > self.limit || self.units.len() == MOST_UNITS {
            // A keyframe takes the place of all that is before it, another unit only of what it does not need.
            let needed = if unit.is_key { None } else { self.last_key() };
            if self.units.front().is_none_or(|oldest| needed.is_some_and(|key| oldest.number >= key)) {
                self.waits_for_key = true;
                return;
            }
            self.drop_oldest_keyframe_s();
        }
        self.bytes += unit.data.len();
        self.units.push_back(Kept { number, unit });
    }

    /// The stream broke: what comes next does not follow what is here.
    pub(crate) fn cut(&mut self) {
        self.waits_for_key = true;
    }

    /// The newest unit that arrived at `at` or before.
    pub(crate) fn newest_at(&self, at: Duration) -> Option<&Kept> {
        self.units.iter().rev().find(|kept| kept.unit.arrived <= at)
    }

    /// The first unit that arrived after `at`.
    pub(crate) fn first_after(&self, at: Duration) -> Option<&Kept> {
        self.units.iter().find(|kept| kept.unit.arrived > at)
    }

    /// What is to be decoded to see the unit with this number: from the keyframe before it, up to itself.
    pub(crate) fn leading_to(&self, number: u64) -> impl Iterator<Item = &Kept> {
        let up_to = self.units.partition_point(|kept| kept.number <= number);
        let from = self.units.iter().take(up_to).rposition(|kept| kept.unit.is_key);
        self.units.range(from.unwrap_or(up_to)..up_to)
    }

    fn last_key(&self) -> Option<u64> {
        self.units.iter().rev().find(|kept| kept.unit.is_key).map(|kept| kept.number)
    }

    fn drop_all_but_the_last_keyframe_s(&mut self) {
        let Some(key) = self.last_key() else { return };
        while self.units.front().is_some_and(|oldest| oldest.number < key) {
            self.drop_oldest_keyframe_s();
        }
    }

    fn drop_oldest_keyframe_s(&mut self) {
        while let Some(oldest) = self.units.pop_front() {
            self.bytes -= oldest.unit.data.len();
            if self.units.front().is_none_or(|next| next.unit.is_key) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `K10` is a keyframe of ten bytes, `p5` another unit of five, `|` a break. The n-th arrives after n seconds.
    fn ring(limit: usize, text: &str) -> Ring {
        let mut ring = Ring::new(limit);
        let mut seconds = 0;
        for word in text.split_whitespace() {
            if word == "|" {
                ring.cut();
                continue;
            }
            let bytes = word[1..].parse().expect("a size");
            let is_key = word.starts_with('K');
            ring.push(AccessUnit {
                arrived: s(seconds),
                is_key,
                is_disposable: false,
                data: vec![0; bytes].into(),
            });
            seconds += 1;
        }
        ring
    }

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn numbers<'a>(kept: impl Iterator<Item = &'a Kept>) -> Vec<u64> {
        kept.map(|kept| kept.number).collect()
    }

    #[track_caller]
    fn check(limit: usize, text: &str, expected: &[u64]) {
        assert_eq!(numbers(ring(limit, text).units.iter()), expected, "{text}");
    }

    #[test]
    fn the_units_of_the_last_two_keyframes_are_kept() {
        check(100, "", &[]);
        check(100, "K10 p5 p5", &[0, 1, 2]);
        check(100, "K10 p5 K10 p5", &[0, 1, 2, 3]);
        check(100, "K10 p5 K10 p5 K10 p5", &[2, 3, 4, 5]);
    }

    #[test]
    fn nothing_is_kept_that_cannot_be_decoded() {
        check(100, "p5 p5 K10 p5", &[2, 3]);
        check(100, "K10 p5 | p5 K10 p5", &[0, 1, 3, 4]);
    }

    #[test]
    fn at_the_limit_the_earlier_keyframe_s_go_first_and_then_what_is_new() {
        check(30, "K10 p5 K10 p5", &[0, 1, 2, 3]);
        check(30, "K10 p5 K10 p5 p1", &[2, 3, 4]);
        check(30, "K10 p5 K10 p5 p15", &[2, 3, 4]);
        check(30, "K10 p5 K10 p15 p10 p1 K5", &[2, 3, 6]);
        check(30, "K10 p5 K10 p15 p10 p1 K5 p1", &[6, 7]);
        check(30, "K20 p5 K30", &[2]);
        check(30, "K20 p5 K31 p1 K5", &[4]);
    }

    #[test]
    fn units_without_end_are_not_kept_without_end() {
        let ring = ring(100, &format!("K1 {}", "p0 ".repeat(10_000)));
        assert_eq!(ring.units.len(), MOST_UNITS);
    }

    #[test]
    fn a_moment_has_the_newest_unit_that_had_arrived() {
        let ring = ring(100, "K10 p5 p5 K10 p5");
        let newest = |at| ring.newest_at(at).map(|kept| kept.number);
        assert_eq!(newest(s(2)), Some(2));
        assert_eq!(newest(Duration::from_millis(2_999)), Some(2));
        assert_eq!(newest(s(100)), Some(4));
        let first = |at| ring.first_after(at).map(|kept| kept.number);
        assert_eq!(first(s(2)), Some(3));
        assert_eq!(first(s(4)), None);
    }

    #[test]
    fn a_unit_is_decoded_from_the_keyframe_before_it() {
        let ring = ring(100, "K10 p5 p5 K10 p5");
        for (number, expected) in [(0, vec![0]), (2, vec![0, 1, 2]), (3, vec![3]), (4, vec![3, 4])] {
            assert_eq!(numbers(ring.leading_to(number)), expected);
        }
    }

    proptest! {
        #[test]
        fn no_stream_fills_more_than_the_limit_or_leaves_a_hole(units in prop::collection::vec((any::<bool>(), 0..40_usize, 0..20_u8), 0..200)) {
            let mut ring = Ring::new(100);
            for (turn, (is_key, bytes, luck)) in units.into_iter().enumerate() {
                if luck == 0 {
                    ring.cut();
                }
                let arrived = s(turn.try_into().expect("few"));
                ring.push(AccessUnit { arrived, is_key, is_disposable: false, data: vec![0; bytes].into() });
                prop_assert!(ring.bytes <= 100);
                prop_assert_eq!(ring.bytes, ring.units.iter().map(|kept| kept.unit.data.len()).sum::<usize>());
                if let Some(newest) = ring.units.back() {
                    let leading = numbers(ring.leading_to(newest.number));
                    let (first, count) = (leading[0], leading.len() as u64);
                    prop_assert_eq!(first + count - 1, newest.number, "a hole in {:?}", leading);
                }
            }
        }
    }
}
