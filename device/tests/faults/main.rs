//! The core in a world in which everything fails: the network, the gateway, the table, the clock and the process.
//!
//! A run follows from its seed alone. It is asked of each that no press is lost and none doubled, as
//! `device::announce` defines these.

mod amazon;
mod plan;
mod run;
mod world;

use run::Seen;

/// Runs of the default tests; the feature `every-fault` makes it ten times as many.
const RUNS: u64 = if cfg!(feature = "every-fault") { 100_000 } else { 10_000 };

#[test]
fn no_press_is_lost_and_none_is_doubled_whatever_fails() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut seen = Seen::default();
    std::thread::scope(|scope| {
        let of_one = |first| (first..RUNS).step_by(threads);
        let parts: Vec<_> =
            (0..).take(threads).map(|first| scope.spawn(move || play(of_one(first)))).collect();
        for part in parts {
            seen += part.join().expect("no run fails");
        }
    });
    println!("{RUNS} runs: {seen:?}");
    // What never happens proves nothing.
    assert!(seen.accepted > 2 * RUNS, "{seen:?}");
    for (what, times) in seen.faults() {
        assert!(times > RUNS / 100, "only {times} times {what}: {seen:?}");
    }
}

fn play(seeds: impl Iterator<Item = u64>) -> Seen {
    let mut seen = Seen::default();
    for seed in seeds {
        let run = std::panic::catch_unwind(|| run::run(seed));
        seen += run.unwrap_or_else(|_| panic!("the run of seed {seed} fails, see above"));
    }
    seen
}
