//! Telling the integrations of a press: when each is told, how often, and when it is left alone.
//!
//! Each has a [`Station`] of its own, with its own jobs, pauses and breaker. None looks at another.

mod breaker;
mod station;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::announce::PressId;
use crate::backoff::Random;
use crate::clock::{Moment, Monotonic};
use crate::event::Effect;
use crate::integration::{Done, Failure, IntegrationName, IntegrationSettings, Occasion, Visit};
use crate::quiet::QuietHours;
use crate::record::{Outcome, Record};
use crate::report::Report;
use station::{Ending, Station};

/// How long after a press its integrations are tried. What takes longer tells of somebody who has gone.
pub const WORTH: Duration = Duration::from_secs(60);

/// One thing that one integration is to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(u64);

/// One try to tell an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// What it is a try of.
    pub job: JobId,
    /// Whom to tell.
    pub integration: IntegrationName,
    /// What.
    pub occasion: Occasion,
    /// How long it may take.
    pub time: Duration,
}

/// All integrations, and what each is being told.
#[derive(Debug)]
pub struct Fanout {
    stations: BTreeMap<IntegrationName, Station>,
    quiet: Option<QuietHours>,
    random: Random,
    next: u64,
}

/// How an integration is, for the page and for those who watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Which one.
    pub name: IntegrationName,
    /// What it failed with last, if nothing has worked since.
    pub trouble: Option<String>,
    /// Whether it is left alone for now.
    pub is_left_alone: bool,
}

impl Fanout {
    /// Nobody to tell yet.
    pub fn new(random: Random) -> Self {
        Self { stations: BTreeMap::new(), quiet: None, random, next: 0 }
    }

    /// Takes new integrations in the place of the old. Those that are as before stay as they are, with what they are
    /// doing; the others begin anew.
    pub fn equip(
        &mut self,
        integrations: &BTreeMap<IntegrationName, IntegrationSettings>,
        effects: &mut Vec<Effect>,
    ) {
        let mut before = std::mem::take(&mut self.stations);
        before.retain(|name, station| {
            let stays = integrations.get(name).is_some_and(|settings| station.settings == *settings);
            if !stays {
                effects.push(Effect::Unequip(name.clone()));
            }
            stays
        });
        for (name, settings) in integrations {
            let station = before.remove(name).unwrap_or_else(|| {
                effects.push(Effect::Equip(name.clone(), Box::new(settings.kind.clone())));
                Station::new(settings.clone(), self.random.fork())
            });
            self.stations.insert(name.clone(), station);
        }
    }

    /// Tells nobody from now on whom these quiet hours spare.
    pub fn keep_quiet(&mut self, quiet: QuietHours) {
        self.quiet = Some(quiet);
    }

    /// Tells all that are to know of a press.
    pub fn on_press(&mut self, visit: &Visit, now: Moment, effects: &mut Vec<Effect>) {
        let occasion = Occasion::Press(visit.clone());
        for (name, station) in &mut self.stations {
            if !station.is_for(&visit.press.bell) {
                continue;
            }
            let end = visit.press.edge + WORTH;
            if self.quiet.as_ref().is_some_and(|quiet| quiet.silence(name.as_str(), visit)) {
                let told = "quiet hours".to_owned();
                let ending = Ending { occasion: occasion.clone(), outcome: Outcome::Quiet, told, tries: 0 };
                conclude(name, Some(ending), now.monotonic, effects);
                continue;
            }
            self.next += 1;
            let ending = station.begin(JobId(self.next), occasion.clone(), end, now.monotonic);
            conclude(name, ending, now.monotonic, effects);
        }
        self.advance(now, effects);
    }

    /// Takes what came of a try.
    pub fn on_told(
        &mut self,
        name: &IntegrationName,
        job: JobId,
        result: Result<Done, Failure>,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let Some(station) = self.stations.get_mut(name) else { return };
        let Some((ending, pictures)) = station.on_told(job, result, now.monotonic) else { return };
        let visit = ending.occasion.visit().clone();
        conclude(name, Some(ending), now.monotonic, effects);
        let first = pictures.first().cloned();
        for picture in pictures {
            let (press, who) = (visit.press.clone(), name.to_string());
            effects.push(Effect::Record(Record::Picture { press, who, picture }));
        }
        if let Some(picture) = first {
            for (other, station) in &mut self.stations {
                let is_quiet = self.quiet.as_ref().is_some_and(|quiet| quiet.silence(other.as_str(), &visit));
                let wants = station.is_for(&visit.press.bell) && station.settings.terms.wants_pictures;
                if other != name && wants && !is_quiet {
                    self.next += 1;
                    let occasion = Occasion::Picture(visit.clone(), picture.clone());
                    let end = now.monotonic + WORTH;
                    let ending = station.begin(JobId(self.next), occasion, end, now.monotonic);
                    conclude(other, ending, now.monotonic, effects);
                }
            }
        }
        self.advance(now, effects);
    }

    /// To be called when [`Fanout::deadline`] has come.
    pub fn advance(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        for (name, station) in &mut self.stations {
            for ending in station.expire(now.monotonic) {
                conclude(name, Some(ending), now.monotonic, effects);
            }
            for (job, occasion, time) in station.due(now.monotonic) {
                let integration = name.clone();
                effects.push(Effect::Tell(Box::new(Errand { job, integration, occasion, time })));
            }
        }
    }

    /// When something is due.
    pub fn deadline(&self) -> Option<Monotonic> {
        self.stations.values().filter_map(Station::deadline).min()
    }

    /// Whether an integration is at work.
    pub fn is_busy(&self) -> bool {
        self.stations.values().any(Station::is_busy)
    }

    /// How each integration is.
    pub fn conditions(&self, now: Monotonic) -> Vec<Condition> {
        let condition = |(name, station): (&IntegrationName, &Station)| Condition {
            name: name.clone(),
            trouble: station.trouble().map(str::to_owned),
            is_left_alone: station.is_left_alone(now),
        };
        self.stations.iter().map(condition).collect()
    }
}

/// Tells of the end of a job.
fn conclude(name: &IntegrationName, ending: Option<Ending>, now: Monotonic, effects: &mut Vec<Effect>) {
    let Some(Ending { occasion, outcome, told, tries }) = ending else { return };
    let press: PressId = occasion.visit().press.clone();
    let took = now.since(press.edge);
    let who = name.to_string();
    // What only follows from a press is told when it goes wrong; the picture itself is the line when it goes well.
    if matches!(occasion, Occasion::Press(_)) || outcome != Outcome::Done {
        let (press, told) = (press.clone(), told.clone());
        effects.push(Effect::Record(Record::Outcome { press, who, outcome, told, took }));
    }
    effects.push(Effect::Report(Report::Told { press, who: name.clone(), outcome, told, tries, took }));
}
