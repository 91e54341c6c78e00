//! What happens in homes in a month: directives that come as people live, each home to a function of its own.

use fastrand::Rng;

/// How many directives of a day come in each hour: a house sleeps, gets up, and is most talked to in the evening.
const RHYTHM: [u8; 24] = [1, 1, 0, 0, 0, 1, 5, 9, 8, 5, 4, 4, 5, 5, 4, 4, 6, 9, 12, 14, 13, 10, 6, 3];

/// How often in a day somebody says something, and how many things at once, at most.
const TALKS: u32 = 16;
const AT_ONCE: u32 = 3;

/// For how long Lambda keeps an environment that nobody uses, in seconds. It promises nothing; 5 to 15 minutes are seen.
const KEPT: f64 = 600.0;

/// How long a directive takes, in seconds: after a cold start the image's own start too (performance.md's
/// `bridge.cold_rtt30_p95_ms` and half a second for Lambda's part); else a round trip to a house 30 ms away, and what
/// Home Assistant needs.
const COLD: f64 = 1.2;
const WARM: f64 = 0.08;

const DAY: f64 = 86_400.0;
/// Days in a month, on the average.
pub(super) const DAYS: f64 = 30.4;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Month {
    /// Directives in the month.
    pub(super) directives: f64,
    /// Of these, how many found no environment.
    pub(super) cold: f64,
    /// Seconds that functions ran.
    pub(super) seconds: f64,
    /// Most functions that ran at the same moment.
    pub(super) at_once: usize,
}

/// Plays `days` days in `homes` homes, and gives what that is in a month.
#[must_use]
pub(super) fn played(homes: usize, days: u32, rng: &mut Rng) -> Month {
    let (mut directives, mut cold, mut seconds) = (0.0, 0.0, 0.0);
    let mut changes = Vec::new();
    for _ in 0..homes {
        let mut ends = f64::NEG_INFINITY;
        for begins in a_home(days, rng) {
            let is_cold = begins > ends + KEPT;
            let takes = if is_cold { COLD } else { WARM };
            directives += 1.0;
            cold += f64::from(u8::from(is_cold));
            seconds += takes;
            ends = begins.max(ends) + takes;
            changes.extend([(begins, 1_i32), (ends, -1)]);
        }
    }
    let a_month = DAYS / f64::from(days);
    Month {
        directives: directives * a_month,
        cold: cold * a_month,
        seconds: seconds * a_month,
        at_once: most(changes),
    }
}

/// When directives of one home come, in seconds.
fn a_home(days: u32, rng: &mut Rng) -> Vec<f64> {
    let whole: u32 = RHYTHM.iter().copied().map(u32::from).sum();
    let mut times = Vec::new();
    for day in 0..days {
        for _ in 0..TALKS {
            let mut lot = rng.u32(..whole);
            let hour = RHYTHM.iter().position(|weight| {
                let is_it = lot < u32::from(*weight);
                lot = lot.saturating_sub(u32::from(*weight));
                is_it
            });
            let hour = u32::try_from(hour.unwrap_or_default()).unwrap_or_default();
            let first = f64::from(day) * DAY + f64::from(hour) * 3600.0 + rng.f64() * 3600.0;
            times.extend((0..rng.u32(1..=AT_ONCE)).map(|nth| first + f64::from(nth) * 6.0));
        }
    }
    times.sort_by(f64::total_cmp);
    times
}

/// The most that is under way at any moment.
fn most(mut changes: Vec<(f64, i32)>) -> usize {
    // An end comes before a beginning of the same moment.
    changes.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let under_way = changes.iter().scan(0_i32, |now, (_, change)| {
        *now += change;
        Some(*now)
    });
    under_way.max().and_then(|most| usize::try_from(most).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_counted_and_what_follows_is_not() {
        assert_eq!(most(vec![(0.0, 1), (2.0, -1), (1.0, 1), (3.0, -1)]), 2);
        assert_eq!(most(vec![(0.0, 1), (1.0, -1), (1.0, 1), (2.0, -1)]), 1);
        assert_eq!(most(Vec::new()), 0);
    }

    #[test]
    fn twice_the_homes_say_about_twice_as_much_and_find_as_much_cold() {
        let month = |homes| played(homes, 7, &mut Rng::with_seed(1));
        let (few, many) = (month(200), month(400));
        assert!((1.9..2.1).contains(&(many.directives / few.directives)));
        let share = |month: Month| month.cold / month.directives;
        assert!((share(few) - share(many)).abs() < 0.02, "{} {}", share(few), share(many));
    }
}
