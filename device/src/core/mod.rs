//! What the daemon decides: an event and the time go in, what is to be done comes out.
//!
//! No clock, socket or file is touched here, so that years of presses and every fault can be played.

mod bell;
mod health;
mod lookout;
mod visit;

use std::collections::BTreeMap;
use std::time::Duration;

use alexa::EndpointId;
use jiff::tz::TimeZone;

use self::bell::Bell;
use self::health::Signs;
pub use self::health::{AlexaHealth, BellHealth, Health, LineHealth, UpdateHealth};
use self::lookout::Lookout;
use crate::announce::{Announcer, Boot, KeptPress, PressId};
use crate::backoff::Random;
use crate::clock::{Moment, Monotonic};
use crate::event::{Effect, Event, Notice};
use crate::fanout::Fanout;
use crate::quiet::QuietHours;
use crate::report::Report;
use crate::settings::{Doorbell, WrongSettings};

/// How long what has begun may take to end after [`Event::Shutdown`].
const FAREWELL: Duration = Duration::from_millis(1500);

/// How often it is looked whether the clock has been set, of which nobody tells.
const CLOCK: Duration = Duration::from_millis(200);

/// All of the daemon's state.
///
/// A press goes to everything that wants to know of it, in [`visit`]: to Alexa by [`Announcer`], to everything
/// in the house by [`Fanout`]. Each has a state of its own, deadlines of its own, and effects that nobody waits for: none
/// can hold another back.
#[derive(Debug)]
pub struct Core {
    bells: BTreeMap<EndpointId, Bell>,
    announcer: Announcer,
    fanout: Fanout,
    lookout: Lookout,
    quiet: QuietHours,
    signs: Signs,
    /// Presses whose time is not known because the clock is not set.
    undated: Vec<PressId>,
    heartbeat: Duration,
    random: Random,
    is_ready: bool,
    /// Whether the clock was set when something happened last.
    is_clock_set: bool,
    /// When the daemon ends, if it is to.
    ends: Option<Monotonic>,
}

/// What the core begins with.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// What there is to watch.
    pub doorbell: Doorbell,
    /// This start of the machine.
    pub boot: Boot,
    /// What an earlier process of it has kept.
    pub kept: Vec<KeptPress>,
    /// The clock on the wall, by which quiet hours are kept.
    pub zone: TimeZone,
    /// What random pauses follow from.
    pub seed: u64,
}

impl Core {
    /// The core, and what is to be done first.
    pub fn new(beginning: Beginning, now: Moment) -> (Self, Vec<Effect>) {
        let Beginning { doorbell: Doorbell { bells, heartbeat, integrations }, boot, kept, zone, seed } =
            beginning;
        let mut random = Random::new(seed);
        let latest = |id: &EndpointId| {
            let presses = kept.iter().map(|kept| kept.press().id).filter(|press| press.bell == *id);
            presses.map(|press| press.edge).max()
        };
        let bells = bells.into_iter().map(|(id, settings)| {
            let bell = Bell::new(id.clone(), settings, latest(&id), random.fork());
            (id, bell)
        });
        let bells: BTreeMap<_, _> = bells.collect();
        let announcer = Announcer::new(boot, &kept, now.monotonic, random.fork());
        let mut core = Self {
            bells,
            announcer,
            fanout: Fanout::new(random.fork()),
            lookout: Lookout::new(now.monotonic, random.fork()),
            quiet: QuietHours::none(zone),
            signs: Signs::default(),
            undated: Vec::new(),
            heartbeat,
            random,
            is_ready: false,
            is_clock_set: false,
            ends: None,
        };
        let mut effects: Vec<Effect> = core.bells.values().map(Bell::watch).collect();
        core.fanout.equip(&integrations, &mut effects);
        core.on_deadline(now, &mut effects);
        (core, effects)
    }

    /// Takes what happened.
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.is_clock_set = now.wall().is_some();
        self.signs.on_event(&event, now.monotonic);
        match event {
            Event::Watched(id, level) => self.on_watched(&id, level, now, &mut effects),
            Event::Unwatched(id, why) => {
                if let Some(bell) = self.bells.get_mut(&id) {
                    bell.on_unwatched(why, now.monotonic, &mut effects);
                }
            }
            Event::Edge(id, edge) => {
                let happening = self.bells.get_mut(&id).and_then(|bell| bell.on_edge(edge));
                self.on_happening(&id, happening, now, &mut effects);
            }
            Event::Deadline => self.on_deadline(now, &mut effects),
            Event::Read(read) => self.announcer.on_read(read, now, &mut effects),
            Event::Refreshed(user, refreshed) => {
                self.announcer.on_refreshed(&user, refreshed, now, &mut effects);
            }
            Event::Answered(press, user, answer) => {
                self.announcer.on_answer(&press, &user, answer, now, &mut effects);
            }
            Event::Beaten(id, result) => {
                if let Some(bell) = self.bells.get_mut(&id) {
                    bell.on_beaten(result, &mut effects);
                }
            }
            Event::Told(integration, job, result) => {
                self.fanout.on_told(&integration, job, result, now, &mut effects);
            }
            Event::Looked(found) => self.lookout.on_looked(found, now.monotonic, &mut effects),
            Event::Quiet(all) => {
                self.quiet.set(all);
                self.fanout.keep_quiet(self.quiet.clone());
            }
            Event::Trial(id) if self.bells.contains_key(&id) => {
                let press = PressId { edge: now.monotonic, bell: id };
                self.on_press(press, now.monotonic, true, now, &mut effects);
            }
            // Of a bell that has just gone.
            Event::Trial(_) => {}
            Event::Reloaded(result) => self.on_reloaded(result, now, &mut effects),
            Event::Shutdown => self.on_shutdown(now, &mut effects),
        }
        self.date(now, &mut effects);
        self.remember(now, &mut effects);
        effects
    }

    /// How everything is.
    pub fn health(&self, now: Monotonic) -> Health {
        Health {
            bells: self.bells.iter().map(|(id, bell)| self.signs.of(id, bell.name())).collect(),
            alexa: self.signs.alexa.clone(),
            integrations: self.fanout.conditions(now),
            update: self.lookout.health(),
            is_clock_set: self.is_clock_set,
        }
    }

    /// When [`Event::Deadline`] is due, as far as that is known at `now`.
    pub fn deadline(&self, now: Moment) -> Option<Monotonic> {
        let bells = self.bells.values().filter_map(|bell| bell.deadline(now));
        let clock = (!self.is_clock_set).then(|| now.monotonic + CLOCK);
        let others = [self.announcer.deadline(now), self.fanout.deadline(), self.lookout.deadline(now)];
        bells.chain(others.into_iter().flatten()).chain(clock).chain(self.ends).min()
    }

    /// Whether the daemon may end now.
    pub fn has_ended(&self, now: Monotonic) -> bool {
        let is_busy =
            self.announcer.is_sending() || self.fanout.is_busy() || self.bells.values().any(Bell::is_beating);
        self.ends.is_some_and(|ends| !is_busy || ends <= now)
    }

    fn on_watched(
        &mut self,
        id: &EndpointId,
        level: crate::press::Level,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let Some(bell) = self.bells.get_mut(id) else { return };
        bell.on_watched(level, now.monotonic, effects);
        bell.beat(self.heartbeat, now, effects);
        if !std::mem::replace(&mut self.is_ready, true) {
            effects.push(Effect::Notify(Notice::Ready(self.status())));
        }
    }

    fn on_deadline(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        let ids: Vec<EndpointId> = self.bells.keys().cloned().collect();
        for id in ids {
            while let Some(happening) =
                self.bells.get_mut(&id).and_then(|bell| bell.on_deadline(now.monotonic))
            {
                self.on_happening(&id, Some(happening), now, effects);
            }
        }
        for bell in self.bells.values_mut() {
            effects.extend(bell.watch_again(now.monotonic));
            bell.beat(self.heartbeat, now, effects);
        }
        self.announcer.advance(now, effects);
        self.fanout.advance(now, effects);
        self.lookout.advance(now, effects);
    }

    /// Takes new bells and integrations in the place of the old. What is on its way stays on its way.
    fn on_reloaded(
        &mut self,
        result: Result<Doorbell, WrongSettings>,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        effects.push(Effect::Notify(Notice::Reloading));
        let outcome = result.map(|Doorbell { bells, heartbeat, integrations }| {
            self.heartbeat = heartbeat;
            self.fanout.equip(&integrations, effects);
            let mut before = std::mem::take(&mut self.bells);
            let gone = before.keys().filter(|id| !bells.contains_key(*id));
            effects.extend(gone.cloned().map(Effect::Unwatch));
            for (id, settings) in bells {
                let bell = match before.remove(&id) {
                    Some(bell) if bell.is_as(&settings) => bell,
                    before => {
                        let latest = before.and_then(|bell| bell.latest_press());
                        let bell = Bell::new(id.clone(), settings, latest, self.random.fork());
                        effects.push(bell.watch());
                        bell
                    }
                };
                self.bells.insert(id, bell);
            }
            self.on_deadline(now, effects);
        });
        effects.push(Effect::Report(Report::Reloaded(outcome)));
        effects.push(Effect::Notify(Notice::Ready(self.status())));
    }

    fn on_shutdown(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        if self.ends.is_some() {
            return;
        }
        self.ends = Some(now.monotonic + FAREWELL);
        effects.push(Effect::Notify(Notice::Stopping));
        for bell in self.bells.values_mut() {
            bell.beat_last(self.heartbeat, now, effects);
        }
    }

    fn status(&self) -> String {
        let names: Vec<&str> = self.bells.values().map(Bell::name).collect();
        format!("watching {}", names.join(", "))
    }
}
