//! A visit: everybody who is to know is told, and the history remembers.

use alexa::EndpointId;

use super::Core;
use super::bell::Bell;
use crate::announce::{Press, PressId};
use crate::clock::{Moment, Monotonic};
use crate::event::Effect;
use crate::integration::Visit;
use crate::press::Happening;
use crate::record::{ALEXA, Outcome, Record};
use crate::report::Report;

/// How many presses of an unset clock are remembered, to be dated once it is set.
const UNDATED: usize = 100;

impl Core {
    pub(super) fn on_happening(
        &mut self,
        id: &EndpointId,
        happening: Option<Happening>,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let report = match happening {
            None => return,
            Some(Happening::Pressed { edge, stable }) => {
                let press = PressId { edge, bell: id.clone() };
                return self.on_press(press, stable, false, now, effects);
            }
            Some(Happening::LockedOut) => Report::LockedOut(id.clone()),
            Some(Happening::Stuck) => Report::Stuck(id.clone()),
            Some(Happening::Freed) => Report::Freed(id.clone()),
        };
        self.signs.on_report(&report);
        effects.push(Effect::Report(report));
    }

    /// Tells everybody who is to know that somebody rang.
    pub(super) fn on_press(
        &mut self,
        press: PressId,
        stable: Monotonic,
        is_trial: bool,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let bell = self.bells.get(&press.bell).map_or(press.bell.as_str(), Bell::name).to_owned();
        let at = now.wall_at(press.edge);
        if at.is_none() {
            // The clock of a machine without a network may never be set.
            self.undated.truncate(UNDATED - 1);
            self.undated.insert(0, press.clone());
        }
        let visit = Visit { press: press.clone(), bell: bell.clone(), at, is_trial };
        // First, since it has the press kept for the next process before anything is said of it.
        let is_quiet = self.quiet.silence(ALEXA, &visit);
        if !is_quiet {
            self.announcer.on_press(Press { id: press.clone(), stable, timestamp: None }, now, effects);
        }
        effects.push(Effect::Report(Report::Pressed(press.clone())));
        effects.push(Effect::Record(Record::Visit { press: press.clone(), bell, at, is_trial }));
        if is_quiet {
            let (who, outcome, told) = (ALEXA.to_owned(), Outcome::Quiet, "quiet hours".to_owned());
            let took = now.monotonic.since(press.edge);
            effects.push(Effect::Record(Record::Outcome { press, who, outcome, told, took }));
        }
        self.fanout.on_press(&visit, now, effects);
    }

    /// Gives the visits in the history the time at which they were, once the clock is set.
    pub(super) fn date(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        if self.is_clock_set {
            let dated = self.undated.drain(..).filter_map(|press| {
                now.wall_at(press.edge).map(|at| Effect::Record(Record::Dated { press, at }))
            });
            effects.extend(dated);
        }
    }

    /// Has the history keep what became of presses.
    pub(super) fn remember(&self, now: Moment, effects: &mut Vec<Effect>) {
        let record = |effect: &Effect| {
            let Effect::Report(report) = effect else { return None };
            report.record(now.monotonic).map(Effect::Record)
        };
        let records: Vec<Effect> = effects.iter().filter_map(record).collect();
        effects.extend(records);
    }
}
