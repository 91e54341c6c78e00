//! A year of visitors, bouncing contacts and lightning, and every press of it found.

use device::press::{Edge, Happening, Level};
use proptest::prelude::*;

use crate::line::{at, idle, play};

const DAY: u64 = 24 * 60 * 60 * 1000;
const YEAR: u64 = 365 * DAY;

/// What happens at the door, in milliseconds.
#[derive(Clone, Debug)]
enum Visit {
    /// A press; the second within the lockout is the same visitor's.
    Press { bounces: Vec<u64>, held: u64, end_bounces: Vec<u64>, again: Option<u64> },
    /// Pulses on the line that are shorter than a level has to stay.
    Noise { pulses: Vec<u64> },
}

/// How long a level stays while contacts bounce; less than the 25 ms after which it would count.
fn bounces() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(1..25_u64, 0..12)
}

fn visit() -> impl Strategy<Value = Visit> {
    let press = (bounces(), 25..2000_u64, bounces(), prop::option::weighted(0.3, 100..800_u64))
        .prop_map(|(bounces, held, end_bounces, again)| Visit::Press { bounces, held, end_bounces, again });
    let noise = bounces().prop_map(|pulses| Visit::Noise { pulses });
    prop_oneof![4 => press, 1 => noise]
}

/// A contact on its way from one level to the other.
struct Contact {
    edges: Vec<Edge>,
    time: u64,
}

impl Contact {
    fn turn(&mut self, level: Level) {
        self.edges.push(Edge { level, at: at(self.time) });
    }

    /// Goes to `level`, bouncing, and says when it stayed there.
    fn go(&mut self, level: Level, bounces: &[u64]) -> u64 {
        let other = if level == Level::Pressed { Level::Released } else { Level::Pressed };
        self.turn(level);
        for pair in bounces.chunks_exact(2) {
            self.time += pair[0];
            self.turn(other);
            self.time += pair[1];
            self.turn(level);
        }
        self.time
    }

    fn hold(&mut self, bounces: &[u64], held: u64, end_bounces: &[u64]) -> u64 {
        let pressed = self.go(Level::Pressed, bounces);
        self.time += held;
        self.go(Level::Released, end_bounces);
        pressed
    }
}

proptest! {
    // Each case is a year.
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_press_of_a_year_is_found_once_and_dated_rightly(
        visits in prop::collection::vec((visit(), 0..DAY), 4000..6000)
    ) {
        let mut contact = Contact { edges: Vec::new(), time: 0 };
        let mut pressed = Vec::new();
        let pause = YEAR / visits.len() as u64;
        for (index, (visit, offset)) in visits.iter().enumerate() {
            let begin = index as u64 * pause + offset % (pause / 2);
            contact.time = contact.time.max(begin) + 10_000;
            match visit {
                Visit::Press { bounces, held, end_bounces, again } => {
                    pressed.push(contact.hold(bounces, *held, end_bounces));
                    if let Some(wait) = again.filter(|wait| held + wait < 2000) {
                        contact.time += 25 + wait;
                        contact.hold(&[], 100, &[]);
                    }
                }
                Visit::Noise { pulses } => {
                    contact.go(Level::Pressed, pulses);
                    contact.time += 5;
                    contact.turn(Level::Released);
                }
            }
        }
        let said = play(idle(), &contact.edges, at(contact.time + 1000));
        let found: Vec<u64> = said
            .iter()
            .filter_map(|happening| match happening {
                Happening::Pressed { edge, .. } => Some(edge.as_nanos() / 1_000_000),
                Happening::LockedOut | Happening::Stuck | Happening::Freed => None,
            })
            .collect();
        prop_assert_eq!(found, pressed);
        prop_assert!(!said.contains(&Happening::Stuck));
    }
}
