//! Directives with a fault on their way, chosen by a seed: how many went wrong.
//!
//! `faults RUNS SEED` prints one line like `{"runs":10000,"invalid":0,"late":0,"repeated_unsafe":0}`, and each run that
//! went wrong on stderr. What a run is, and what is right, is that of `tests/faults`.

#[path = "../tests/house/mod.rs"]
mod house;
#[path = "../tests/faults/proxy.rs"]
mod proxy;
#[path = "../tests/faults/trial.rs"]
mod trial;

use std::process::ExitCode;

use fastrand::Rng;
use proxy::{Direction, Fault, Kind, LONGEST};
use serde::Serialize;
use trial::{Directive, Outcome, Rig, Trial};

/// `EX_USAGE` of sysexits.
const USAGE: u8 = 64;

/// What is counted.
#[derive(Debug, Default, Serialize)]
struct Counted {
    runs: usize,
    /// Answers that are no valid event, or none.
    invalid: usize,
    /// Answers that come after Lambda has ended the invocation.
    late: usize,
    /// Directives that may be delivered once and were delivered more often.
    repeated_unsafe: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|number| number.parse().ok()).collect();
    let [runs, seed] = numbers[..] else {
        eprintln!("usage: faults RUNS SEED");
        return ExitCode::from(USAGE);
    };
    let (rig, mut random, mut counted) = (Rig::new().await, Rng::with_seed(seed), Counted::default());
    for _ in 0..runs {
        let trial = trial(&mut random);
        let outcome = rig.run(trial).await;
        counted.count(trial, &outcome);
    }
    #[expect(clippy::print_stdout, reason = "its output is what it is for")]
    {
        println!("{}", serde_json::to_string(&counted).expect("numbers"));
    }
    ExitCode::SUCCESS
}

/// A trial with everything left to chance. A stall costs the whole time for an answer, so there are fewer of them.
fn trial(random: &mut Rng) -> Trial {
    let kind = match random.u8(..20) {
        0..5 => Kind::Close,
        5..10 => Kind::Reset,
        10..15 => Kind::Corrupt,
        15..19 => Kind::Delay,
        _ => Kind::Stall,
    };
    let direction = if random.bool() { Direction::ToHomeAssistant } else { Direction::ToBridge };
    let directive = if random.bool() { Directive::TurnOn } else { Directive::AdjustBrightness };
    Trial { directive, fault: Fault { kind, direction, at: random.usize(..LONGEST) }, kept: random.bool() }
}

impl Counted {
    fn count(&mut self, trial: Trial, outcome: &Outcome) {
        let repeated = outcome.deliveries > trial.directive.most_deliveries();
        self.runs += 1;
        self.invalid += usize::from(outcome.invalid.is_some());
        self.late += usize::from(outcome.late);
        self.repeated_unsafe += usize::from(repeated);
        if outcome.invalid.is_some() || outcome.late || repeated {
            eprintln!("{trial:?}: {outcome:?}");
        }
    }
}
