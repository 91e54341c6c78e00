//! A house with integrations of which only the names and the terms matter.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use alexa::EndpointId;
use device::announce::PressId;
use device::backoff::Random;
use device::clock::{Moment, Monotonic};
use device::event::Effect;
use device::fanout::{Condition, Errand, Fanout};
use device::integration::command::CommandSettings;
use device::integration::{
    Done, Failure, IntegrationKind, IntegrationName, IntegrationSettings, Terms, Visit,
};
use device::quiet::{Days, Quiet, QuietHours, TimeOfDay};
use device::record::{Outcome, Record};
use jiff::tz::TimeZone;

pub(crate) struct House {
    fanout: Fanout,
    now: Monotonic,
}

pub(crate) fn id(id: &str) -> EndpointId {
    EndpointId::parse(id).expect("an id")
}

/// For all bells, 10 s and 3 tries.
pub(crate) fn terms() -> Terms {
    Terms { bells: None, deadline: Duration::from_secs(10), tries: 3, wants_pictures: false }
}

fn integrations(all: &[(&str, Terms)]) -> BTreeMap<IntegrationName, IntegrationSettings> {
    let kind = IntegrationKind::Command(CommandSettings { program: "true".into(), arguments: Vec::new() });
    let one = |(name, terms): &(&str, Terms)| {
        let settings = IntegrationSettings { terms: terms.clone(), kind: kind.clone() };
        (IntegrationName::parse(name).expect("a name"), settings)
    };
    all.iter().map(one).collect()
}

impl House {
    pub(crate) fn with(all: &[(&str, Terms)]) -> Self {
        Self::seeded(all, 1)
    }

    pub(crate) fn seeded(all: &[(&str, Terms)], seed: u64) -> Self {
        let now = Monotonic::from_nanos(1_000_000_000);
        let mut house = Self { fanout: Fanout::new(Random::new(seed)), now };
        house.equip(all);
        house
    }

    pub(crate) fn equip(&mut self, all: &[(&str, Terms)]) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.fanout.equip(&integrations(all), &mut effects);
        effects
    }

    pub(crate) fn now(&self) -> Monotonic {
        self.now
    }

    pub(crate) fn milliseconds(&self) -> u64 {
        self.now.as_nanos() / 1_000_000
    }

    /// The first whole millisecond at which something is due.
    pub(crate) fn deadline_ms(&self) -> Option<u64> {
        self.fanout.deadline().map(|deadline| deadline.as_nanos().div_ceil(1_000_000))
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.fanout.is_busy()
    }

    pub(crate) fn condition(&self, name: &str) -> Condition {
        let conditions = self.fanout.conditions(self.now);
        conditions.into_iter().find(|condition| condition.name.as_str() == name).expect("it is there")
    }

    /// From now on it is quiet for these.
    pub(crate) fn keep_quiet(&mut self, names: &[&str]) {
        let midnight = TimeOfDay::parse("00:00").expect("a time");
        let who = Some(names.iter().map(|name| (*name).to_owned()).collect());
        let days = Days::from_bits(0x7f).expect("days");
        let mut quiet = QuietHours::none(TimeZone::UTC);
        quiet.set(vec![Quiet { days, from: midnight, to: midnight, bells: None, who }]);
        self.fanout.keep_quiet(quiet);
    }

    /// Somebody presses now.
    pub(crate) fn press(&mut self, bell: &str) -> Vec<Effect> {
        let press = PressId { edge: self.now, bell: id(bell) };
        let visit = Visit { press, bell: bell.to_owned(), at: Some(SystemTime::UNIX_EPOCH), is_trial: false };
        let mut effects = Vec::new();
        self.fanout.on_press(&visit, self.moment(), &mut effects);
        effects
    }

    pub(crate) fn told(&mut self, errand: &Errand, result: Result<Done, Failure>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.fanout.on_told(&errand.integration, errand.job, result, self.moment(), &mut effects);
        effects
    }

    /// Lets so many seconds pass.
    pub(crate) fn wait(&mut self, seconds: u64) -> Vec<Effect> {
        let until = self.milliseconds() + seconds * 1000;
        let mut effects = Vec::new();
        while let Some(deadline) = self.deadline_ms().filter(|deadline| *deadline <= until) {
            effects.extend(self.wait_until(deadline));
        }
        effects.extend(self.wait_until(until));
        effects
    }

    /// Lets time pass until somebody is told something.
    pub(crate) fn wait_for_an_errand(&mut self) -> Vec<Effect> {
        loop {
            let deadline = self.deadline_ms().expect("something is due");
            let effects = self.wait_until(deadline);
            if !errands(&effects).is_empty() {
                return effects;
            }
        }
    }

    pub(crate) fn wait_until(&mut self, milliseconds: u64) -> Vec<Effect> {
        self.now = self.now.max(Monotonic::from_nanos(milliseconds * 1_000_000));
        let mut effects = Vec::new();
        self.fanout.advance(self.moment(), &mut effects);
        effects
    }

    fn moment(&self) -> Moment {
        Moment::new(self.now, SystemTime::UNIX_EPOCH)
    }
}

/// Who is told what among effects.
pub(crate) fn errands(effects: &[Effect]) -> Vec<Errand> {
    let mut errands = Vec::new();
    for effect in effects {
        if let Effect::Tell(errand) = effect {
            errands.push(errand.as_ref().clone());
        }
    }
    errands
}

/// What the history is told of who is through with a press.
pub(crate) fn endings(effects: &[Effect]) -> Vec<(String, Outcome, String)> {
    let mut endings = Vec::new();
    for effect in effects {
        if let Effect::Record(Record::Outcome { who, outcome, told, .. }) = effect {
            endings.push((who.clone(), *outcome, told.clone()));
        }
    }
    endings
}
