//! One run: the core in its world, from start to end.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::Duration;

use alexa::EndpointId;
use device::announce::{Boot, PressId, WORTH};
use device::button::ButtonSettings;
use device::clock::Monotonic;
use device::core::{Beginning, Core};
use device::event::Event;
use device::press::Timings;
use device::settings::{BellSettings, Doorbell};

use crate::plan::{END, UNSET, millis};
use crate::world::{Coming, World};

/// How long everything has to be in order for a press to get through for sure. What began before hangs for up to 5 s
/// before it is tried again, and there may be a call for the grant and one for its tokens before the press itself.
const ENOUGH: Duration = Duration::from_secs(12);

/// What was seen in runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) accepted: u64,
    /// Accepted more than once, under one id: an answer was lost, or the process.
    pub(crate) repeated: u64,
    /// Not accepted, and nothing was in order for long enough.
    pub(crate) excused: u64,
    pub(crate) kills: u64,
    pub(crate) unsent: u64,
    pub(crate) unanswered: u64,
    pub(crate) throttled: u64,
    pub(crate) refused: u64,
    pub(crate) unread: u64,
    pub(crate) unrefreshed: u64,
    pub(crate) unsaved: u64,
}

impl Seen {
    pub(crate) fn faults(self) -> [(&'static str, u64); 8] {
        [
            ("the process was killed", self.kills),
            ("nothing could be sent", self.unsent),
            ("an answer was lost", self.unanswered),
            ("the gateway was throttled", self.throttled),
            ("the access token was refused", self.refused),
            ("the table could not be read", self.unread),
            ("no new tokens were given", self.unrefreshed),
            ("tokens could not be written", self.unsaved),
        ]
    }
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.repeated += other.repeated;
        self.excused += other.excused;
        self.kills += other.kills;
        self.unsent += other.unsent;
        self.unanswered += other.unanswered;
        self.throttled += other.throttled;
        self.refused += other.refused;
        self.unread += other.unread;
        self.unrefreshed += other.unrefreshed;
        self.unsaved += other.unsaved;
    }
}

fn bell() -> EndpointId {
    EndpointId::parse("front-door").expect("an id")
}

fn doorbell() -> Doorbell {
    let timings = Timings { stable: millis(25), lockout: millis(3000), stuck: millis(60_000) };
    let button = ButtonSettings::Simulated("/nowhere".into());
    let settings = BellSettings { name: "Front door".into(), button, timings };
    Doorbell {
        bells: BTreeMap::from([(bell(), settings)]),
        heartbeat: millis(60_000),
        integrations: BTreeMap::new(),
    }
}

/// A process, while it runs.
struct Process {
    number: u64,
    core: Core,
}

/// Plays the run of `seed`, and fails if anything is not as it should be.
pub(crate) fn run(seed: u64) -> Seen {
    let mut world = World::new(seed);
    let mut process = start(&mut world, 0);
    let end = Monotonic::default() + END;
    let mut idle_turns = 0;
    while world.now < end {
        let deadline = process.as_ref().and_then(|process| process.core.deadline(world.moment()));
        let coming = world.coming.first_key_value().map(|((at, _), _)| *at);
        let is_deadline = deadline.is_some_and(|deadline| coming.is_none_or(|coming| deadline < coming));
        if is_deadline {
            let due = deadline.unwrap_or(world.now);
            idle_turns = if due <= world.now { idle_turns + 1 } else { 0 };
            assert!(idle_turns < 10, "the core is busy with nothing");
            world.now = world.now.max(due);
            deliver(&mut world, &mut process, Event::Deadline);
            continue;
        }
        let Some(((at, _), coming)) = world.coming.pop_first() else { break };
        world.now = at;
        idle_turns = 0;
        match coming {
            Coming::ToProcess(number, event) => {
                if process.as_ref().is_some_and(|process| process.number == number) {
                    deliver(&mut world, &mut process, event);
                }
            }
            Coming::Arrival(number, attempt, fate) => world.arrive(number, &attempt, fate),
            Coming::Expiry => world.amazon.expire(),
            Coming::Kill => kill(&mut world, &mut process),
            Coming::Start => {
                let number = process.as_ref().map_or(world.seen.kills, |process| process.number);
                process = process.or_else(|| start(&mut world, number));
            }
        }
    }
    judge(&world)
}

fn start(world: &mut World, number: u64) -> Option<Process> {
    let is_worth = |edge: Monotonic| world.now.since(edge) < WORTH;
    let kept = world.kept.iter().filter(|kept| is_worth(kept.press().id.edge)).cloned().collect();
    let beginning = Beginning {
        doorbell: doorbell(),
        boot: Boot::new("this start"),
        kept,
        zone: jiff::tz::TimeZone::UTC,
        seed: number,
    };
    let (core, effects) = Core::new(beginning, world.moment());
    effects.into_iter().for_each(|effect| world.start(number, effect));
    press_buttons(world, number);
    Some(Process { number, core })
}

/// The edges that the process of this number will see.
fn press_buttons(world: &mut World, process: u64) {
    let now = world.now;
    for edge in world.plan.edges().into_iter().filter(|edge| edge.at > now) {
        world.comes(edge.at, Coming::ToProcess(process, Event::Edge(bell(), edge)));
    }
}

/// Gives the process an event. Sometimes it is killed before it has done all that it wants.
fn deliver(world: &mut World, process: &mut Option<Process>, event: Event) {
    let Some(Process { number, core }) = process else { return };
    let effects = core.handle(event, world.moment());
    let cut = world.random.number() % 2000;
    for (index, effect) in (0_u64..).zip(effects) {
        if index == cut {
            return kill(world, process);
        }
        world.start(*number, effect);
    }
}

fn kill(world: &mut World, process: &mut Option<Process>) {
    if process.take().is_some() {
        world.seen.kills += 1;
        let back = world.now + millis(200 + world.random.number() % 2800);
        world.down.push((world.now, back));
        world.comes(back, Coming::Start);
    }
}

fn judge(world: &World) -> Seen {
    let mut seen = world.seen;
    world.amazon.check_ids();
    for press in world.presses.iter().map(|edge| PressId { edge: *edge, bell: bell() }) {
        for user in world.amazon.table.keys() {
            let key = (press.clone(), user.clone());
            match world.amazon.accepted.get(&key) {
                Some(times) => {
                    seen.accepted += 1;
                    seen.repeated += u64::from(*times > 1);
                }
                None => {
                    // Amazon allows three more tries after one that is refused, and one with another token.
                    let [passing, token] = world.amazon.refused.get(&key).copied().unwrap_or_default();
                    let expiries = world.plan.expiries.iter().filter(|at| **at < press.edge + WORTH).count();
                    let is_refused = passing > 3 || token > 1 && expiries > 1;
                    let is_excused = is_refused || !had_a_chance(world, press.edge);
                    assert!(is_excused, "a press is lost: {press:?}, refused {passing} and {token} times");
                    seen.excused += 1;
                }
            }
        }
    }
    seen
}

/// Whether everything was in order for long enough while the press was worth something.
fn had_a_chance(world: &World, edge: Monotonic) -> bool {
    let plan = &world.plan;
    let unset =
        plan.leaps.windows(2).filter(|leaps| leaps[0].1 == UNSET).map(|leaps| (leaps[0].0, leaps[1].0));
    let moments = plan.expiries.iter().chain(plan.leaps.iter().map(|(at, _)| at)).map(|at| (*at, *at));
    let all =
        [&plan.network, &plan.gateway, &plan.login, &plan.table, &world.down].into_iter().flatten().copied();
    let mut outages: Vec<_> = all.chain(unset).chain(moments).collect();
    outages.sort();
    let mut good = edge;
    for (begin, end) in outages.into_iter().filter(|(begin, end)| *end > edge && *begin < edge + WORTH) {
        if begin.since(good) >= ENOUGH {
            return true;
        }
        good = good.max(end);
    }
    (edge + WORTH).since(good) >= ENOUGH
}
