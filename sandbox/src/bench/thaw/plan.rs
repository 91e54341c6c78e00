//! Which freezes there are in a run: for how long, what happens meanwhile, what is asked afterwards.

use std::ops::RangeInclusive;
use std::time::Duration;

use fastrand::Rng;

/// Milliseconds of a short freeze.
const SHORT: RangeInclusive<u64> = 1_000..=5_000;
/// Of a longer one, after which kept connections are not used.
const LONG: RangeInclusive<u64> = 30_000..=35_000;
/// Of one by whose end a control server may have forgotten the node.
const LONGEST: RangeInclusive<u64> = 120_000..=125_000;
/// How long into a directive `tailscaled` is killed, in milliseconds: most are answered by the end of that.
const INTO_A_DIRECTIVE: RangeInclusive<u64> = 0..=10;

/// One freeze.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Freeze {
    /// How long it lasts.
    pub(super) lasting: Duration,
    /// What else goes wrong.
    pub(super) mishap: Option<Mishap>,
    /// What is asked when it is over.
    pub(super) question: Question,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mishap {
    /// The node at the house is restarted half-way through the freeze.
    HomeNodeRestarted,
    /// The function's `tailscaled` is killed so long into a directive after which the freeze begins.
    KilledBefore(Duration),
    /// The function's `tailscaled` is killed half-way through the freeze.
    KilledDuring,
}

/// A directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// One that may be sent twice.
    ReportState,
    /// One that may not.
    AdjustBrightness,
}

impl Freeze {
    /// Whether it lasts longer than a kept connection is used for.
    pub(super) fn is_long(&self) -> bool {
        self.lasting >= Duration::from_millis(*LONG.start())
    }
}

/// The freezes of a run, the same ones for the same `seed`.
///
/// Of a hundred, some 72 are short, 22 long and 6 of two minutes; 6 with the home node restarted, 20 with `tailscaled`
/// killed. With `only_short` none is longer than that.
pub(super) fn plan(seed: u64, count: usize, only_short: bool) -> Vec<Freeze> {
    let mut random = Rng::with_seed(seed);
    let mut freeze = || {
        let lasting = match random.u8(..100) {
            _ if only_short => SHORT,
            0..72 => SHORT,
            72..94 => LONG,
            _ => LONGEST,
        };
        let lasting = Duration::from_millis(random.u64(lasting));
        let mishap = match random.u8(..100) {
            0..6 => Some(Mishap::HomeNodeRestarted),
            6..16 => Some(Mishap::KilledBefore(Duration::from_millis(random.u64(INTO_A_DIRECTIVE)))),
            16..26 => Some(Mishap::KilledDuring),
            _ => None,
        };
        let question = if random.bool() { Question::ReportState } else { Question::AdjustBrightness };
        Freeze { lasting, mishap, question }
    };
    (0..count).map(|_| freeze()).collect()
}

/// What the freezes are, for a note.
pub(super) fn told(plan: &[Freeze], seed: u64) -> String {
    let count = |is: &dyn Fn(&Freeze) -> bool| plan.iter().filter(|freeze| is(freeze)).count();
    let longest = count(&|freeze| freeze.lasting.as_millis() >= u128::from(*LONGEST.start()));
    let long = count(&Freeze::is_long) - longest;
    let short = plan.len() - long - longest;
    let restarted = count(&|freeze| freeze.mishap == Some(Mishap::HomeNodeRestarted));
    let killed =
        count(&|freeze| matches!(freeze.mishap, Some(Mishap::KilledBefore(_) | Mishap::KilledDuring)));
    format!(
        "{short} freezes of 1 to 5 s, {long} of 30 s, {longest} of 120 s; home node restarted in {restarted}, tailscaled \
         killed in {killed}; seed {seed}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_it_all() {
        assert_eq!(plan(7, 50, false), plan(7, 50, false));
        assert_ne!(plan(7, 50, false), plan(8, 50, false));
        assert_eq!(plan(7, 50, false)[..20], plan(7, 20, false));
    }

    #[test]
    fn a_run_of_a_thousand_has_some_of_everything() {
        assert_eq!(
            told(&plan(1, 1000, false), 1),
            "731 freezes of 1 to 5 s, 206 of 30 s, 63 of 120 s; home node restarted in 56, tailscaled killed in 200; \
             seed 1"
        );
        assert!(plan(1, 1000, true).iter().all(|freeze| !freeze.is_long()));
    }
}
