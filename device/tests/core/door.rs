//! A door with one bell, whose core is given what happens and asked what it wants.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use alexa::grant::Grant;
use alexa::lwa::{RefreshToken, UserId};
use alexa::{BearerToken, EndpointId, Region};
use device::announce::{Boot, KeptPress, Read};
use device::button::ButtonSettings;
use device::clock::{Moment, Monotonic};
use device::core::{Beginning, Core, Health};
use device::event::{Effect, Event, Try};
use device::press::{Edge, Level, Timings};
use device::record::Record;
use device::settings::{BellSettings, Doorbell};

/// 2026-12-01 00:00:00 UTC, when the machine started.
const BEGIN: Duration = Duration::from_secs(1_796_083_200);

pub(crate) struct Door {
    core: Core,
    now: Monotonic,
    /// Whether the wall clock has been set.
    pub(crate) is_clock_set: bool,
}

pub(crate) fn id(id: &str) -> EndpointId {
    EndpointId::parse(id).expect("an id")
}

/// The grant of a user, whose access token is good for an hour.
fn grant(name: &str) -> Grant {
    Grant {
        user: UserId::parse(name).expect("a user"),
        access_token: BearerToken::new("made-up"),
        refresh_token: RefreshToken::new("made-up"),
        expires_at: SystemTime::UNIX_EPOCH + BEGIN + Duration::from_secs(3600),
        region: Region::Europe,
        in_row: RefreshToken::new("made-up"),
        ended: None,
    }
}

pub(crate) fn doorbell(bells: &[&str]) -> Doorbell {
    let millis = Duration::from_millis;
    let timings = Timings { stable: millis(25), lockout: millis(3000), stuck: millis(60_000) };
    let bell = |name: &&str| {
        let button = ButtonSettings::Simulated(name.into());
        (id(name), BellSettings { name: (*name).to_owned(), button, timings })
    };
    Doorbell {
        bells: bells.iter().map(bell).collect::<BTreeMap<_, _>>(),
        heartbeat: millis(60_000),
        integrations: BTreeMap::new(),
    }
}

impl Door {
    /// A door with what an earlier process has kept, at this many milliseconds.
    pub(crate) fn new(kept: Vec<KeptPress>, milliseconds: u64) -> (Self, Vec<Effect>) {
        let now = Monotonic::from_nanos(milliseconds * 1_000_000);
        let boot = Boot::new("this start");
        let beginning = Beginning {
            doorbell: doorbell(&["front-door"]),
            boot,
            kept,
            zone: jiff::tz::TimeZone::UTC,
            seed: 1,
        };
        let wall = SystemTime::UNIX_EPOCH + BEGIN + now.since(Monotonic::default());
        let (core, effects) = Core::new(beginning, Moment::new(now, wall));
        (Self { core, now, is_clock_set: true }, effects)
    }

    /// A door whose button is watched, with these users.
    pub(crate) fn with(users: &[&str]) -> Self {
        let (mut door, _) = Self::new(Vec::new(), 0);
        door.on(Event::Watched(id("front-door"), Level::Released));
        door.read(users);
        door
    }

    pub(crate) fn on(&mut self, event: Event) -> Vec<Effect> {
        self.core.handle(event, self.moment())
    }

    pub(crate) fn read(&mut self, users: &[&str]) -> Vec<Effect> {
        let read: Read = Ok(users.iter().map(|name| grant(name)).collect());
        self.on(Event::Read(read))
    }

    /// Lets time pass until this many milliseconds, with all deadlines that fall into it.
    pub(crate) fn wait_until(&mut self, milliseconds: u64) -> Vec<Effect> {
        let until = Monotonic::from_nanos(milliseconds * 1_000_000);
        let mut effects = Vec::new();
        while let Some(deadline) = self.core.deadline(self.moment()).filter(|deadline| *deadline <= until) {
            if self.has_ended() {
                break;
            }
            self.now = self.now.max(deadline);
            effects.extend(self.on(Event::Deadline));
        }
        self.now = until;
        effects
    }

    /// Somebody presses at this many milliseconds, for a moment.
    pub(crate) fn press(&mut self, milliseconds: u64) -> Vec<Effect> {
        let mut effects = self.wait_until(milliseconds);
        for (level, at) in [(Level::Pressed, milliseconds), (Level::Released, milliseconds + 100)] {
            effects.extend(self.wait_until(at));
            let at = Monotonic::from_nanos(at * 1_000_000);
            effects.extend(self.on(Event::Edge(id("front-door"), Edge { level, at })));
        }
        effects
    }

    pub(crate) fn health(&self) -> Health {
        self.core.health(self.now)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.core.has_ended(self.now)
    }

    fn moment(&self) -> Moment {
        let begin = if self.is_clock_set { BEGIN } else { Duration::ZERO };
        Moment::new(self.now, SystemTime::UNIX_EPOCH + begin + self.now.since(Monotonic::default()))
    }
}

/// The tries among effects.
pub(crate) fn tries(effects: &[Effect]) -> Vec<&Try> {
    let mut tries = Vec::new();
    for effect in effects {
        if let Effect::Send(attempt) = effect {
            tries.push(attempt.as_ref());
        }
    }
    tries
}

/// The lines that effects write to the log.
pub(crate) fn lines(effects: &[Effect]) -> Vec<String> {
    let line = |effect: &Effect| {
        if let Effect::Report(report) = effect { Some(report.line().to_string()) } else { None }
    };
    effects.iter().filter_map(line).collect()
}

/// What effects have the history remember.
pub(crate) fn records(effects: &[Effect]) -> Vec<&Record> {
    let mut records = Vec::new();
    for effect in effects {
        if let Effect::Record(record) = effect {
            records.push(record);
        }
    }
    records
}

/// What was kept last among effects.
pub(crate) fn kept(effects: &[Effect]) -> Option<Vec<KeptPress>> {
    let kept = |effect: &Effect| if let Effect::Keep(kept) = effect { Some(kept.clone()) } else { None };
    effects.iter().rev().find_map(kept)
}
