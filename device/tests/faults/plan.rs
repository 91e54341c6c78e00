//! What will go wrong in a run, and when.

use std::time::Duration;

use device::backoff::Random;
use device::clock::Monotonic;
use device::press::{Edge, Level};

/// A time during which something is out of order.
pub(crate) type Outage = (Monotonic, Monotonic);

/// All that will happen in a run from outside.
pub(crate) struct Plan {
    /// When somebody presses, and how the contact bounces: the time of each edge, pressed and released in turn.
    pub(crate) presses: Vec<Vec<Monotonic>>,
    pub(crate) network: Vec<Outage>,
    pub(crate) gateway: Vec<Outage>,
    pub(crate) login: Vec<Outage>,
    pub(crate) table: Vec<Outage>,
    /// When all access tokens end, though they should not.
    pub(crate) expiries: Vec<Monotonic>,
    /// When the wall clock leaps, and how far ahead of the right time it is from then on, in seconds.
    pub(crate) leaps: Vec<(Monotonic, i64)>,
    /// When the process is killed.
    pub(crate) kills: Vec<Monotonic>,
    /// How many have linked the skill.
    pub(crate) users: u64,
}

pub(crate) const END: Duration = Duration::from_secs(100);

/// A wall clock that was never set is this far from the right time.
pub(crate) const UNSET: i64 = -60 * 365 * 24 * 60 * 60;

impl Plan {
    pub(crate) fn new(random: &mut Random) -> Self {
        Self {
            presses: presses(random),
            network: outages(random, 2, 12_000),
            gateway: outages(random, 2, 9_000),
            login: outages(random, 2, 15_000),
            table: outages(random, 2, 20_000),
            expiries: times(random, 2).collect(),
            leaps: leaps(random),
            kills: times(random, 2).collect(),
            users: 1 + random.number() % 2,
        }
    }
}

impl Plan {
    /// All edges of the line.
    pub(crate) fn edges(&self) -> Vec<Edge> {
        let edge = |(index, at): (usize, &Monotonic)| {
            let level = if index % 2 == 0 { Level::Pressed } else { Level::Released };
            Edge { level, at: *at }
        };
        self.presses.iter().flat_map(|edges| edges.iter().enumerate().map(edge)).collect()
    }
}

pub(crate) fn millis(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn at(milliseconds: u64) -> Monotonic {
    Monotonic::default() + millis(milliseconds)
}

fn presses(random: &mut Random) -> Vec<Vec<Monotonic>> {
    let mut begin = 200;
    let press = |_| {
        begin += 3_500 + random.number() % 20_000;
        let mut time = begin;
        let bounces = 2 * (random.number() % 4);
        let mut edges = vec![at(time)];
        for _ in 0..bounces {
            time += 1 + random.number() % 8;
            edges.push(at(time));
        }
        edges.push(at(time + 60 + random.number() % 500));
        edges
    };
    (0..4).map(press).filter(|edges| edges[0] < at(65_000)).collect()
}

/// Up to `most` moments of a run.
fn times(random: &mut Random, most: u64) -> impl Iterator<Item = Monotonic> {
    let count = random.number() % (most + 1);
    (0..count).map(|_| at(random.number() % 80_000))
}

fn outages(random: &mut Random, most: u64, longest: u64) -> Vec<Outage> {
    let begins: Vec<Monotonic> = times(random, most).collect();
    begins.into_iter().map(|begin| (begin, begin + millis(100 + random.number() % longest))).collect()
}

fn leaps(random: &mut Random) -> Vec<(Monotonic, i64)> {
    let mut leaps: Vec<_> = times(random, 1).collect();
    let far = |random: &mut Random| i64::try_from(random.number() % 14_400).expect("small") - 7_200;
    let mut leaps: Vec<_> = leaps.drain(..).map(|begin| (begin, far(random))).collect();
    if random.number().is_multiple_of(4) {
        // It has just been started, and asks for the time.
        leaps.extend([(at(0), UNSET), (at(random.number() % 20_000), 0)]);
    }
    leaps.sort();
    leaps
}
