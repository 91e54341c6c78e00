//! How the daemon is, as far as it can be seen by what happened last. Nobody is asked for it.

use std::collections::BTreeMap;

use alexa::EndpointId;
use package::Version;

use crate::clock::Monotonic;
use crate::event::Event;
use crate::fanout::Condition;
use crate::report::Report;
use crate::update::News;

/// How everything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Each bell, by id.
    pub bells: Vec<BellHealth>,
    /// The way to Alexa.
    pub alexa: AlexaHealth,
    /// Each integration.
    pub integrations: Vec<Condition>,
    /// Whether there is a newer package.
    pub update: UpdateHealth,
    /// Whether this machine's clock is set.
    pub is_clock_set: bool,
}

/// How a bell is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BellHealth {
    /// Which one.
    pub id: EndpointId,
    /// What people call it.
    pub name: String,
    /// Its button.
    pub line: LineHealth,
    /// Why its last sign of life was not written, if it was not.
    pub heartbeat: Option<String>,
}

/// How a button is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LineHealth {
    /// It is being opened.
    #[default]
    Opening,
    /// It is watched.
    Watched,
    /// It is watched, and held for so long that nobody holds it.
    Stuck,
    /// It cannot be watched; why.
    Unwatched(String),
}

/// How the way to Alexa is, by the last calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlexaHealth {
    /// How many have linked the skill; none before the table was read.
    pub linked: Option<usize>,
    /// How many had linked it, and are told no more: they have disabled it, or Amazon does not take their grant.
    pub ended: usize,
    /// When the table was read last.
    pub read: Option<Monotonic>,
    /// Why it could not be read last time, if it could not.
    pub table: Option<String>,
    /// Why an access token could not be refreshed last time, if it could not.
    pub tokens: Option<String>,
    /// Why the last press was not accepted, if it was not.
    pub gateway: Option<String>,
    /// When a press was accepted last.
    pub accepted: Option<Monotonic>,
}

/// Whether there is a newer package, by the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateHealth {
    /// What is installed and what is published; none before it was seen, or without the key to take packages by.
    pub news: Option<News>,
    /// Why it could not be seen last time, if it could not.
    pub trouble: Option<String>,
}

impl UpdateHealth {
    /// The version that could be installed, if there is one.
    #[must_use]
    pub fn available(&self) -> Option<&Version> {
        self.news.as_ref().filter(|news| news.is_update_available()).map(|news| &news.published)
    }
}

/// What was seen of the daemon's health.
#[derive(Debug, Default)]
pub(super) struct Signs {
    lines: BTreeMap<EndpointId, LineHealth>,
    heartbeats: BTreeMap<EndpointId, String>,
    pub(super) alexa: AlexaHealth,
}

impl Signs {
    /// Sees what happened.
    pub(super) fn on_event(&mut self, event: &Event, now: Monotonic) {
        use crate::announce::Refreshed;
        match event {
            Event::Watched(bell, _) => {
                self.lines.insert(bell.clone(), LineHealth::Watched);
            }
            Event::Unwatched(bell, why) => {
                self.lines.insert(bell.clone(), LineHealth::Unwatched(why.clone()));
            }
            Event::Read(Ok(grants)) => {
                let linked = grants.iter().filter(|grant| grant.ended.is_none()).count();
                self.alexa.linked = Some(linked);
                self.alexa.ended = grants.len() - linked;
                self.alexa.read = Some(now);
                self.alexa.table = None;
            }
            Event::Read(Err(why)) => self.alexa.table = Some(why.clone()),
            Event::Refreshed(_, Refreshed::Fresh(_, unsaved)) => self.alexa.tokens.clone_from(unsaved),
            Event::Refreshed(_, Refreshed::Failed(why)) => self.alexa.tokens = Some(why.clone()),
            Event::Answered(_, _, Ok(())) => {
                self.alexa.gateway = None;
                self.alexa.accepted = Some(now);
            }
            Event::Answered(_, _, Err(failure)) => self.alexa.gateway = Some(failure.told.clone()),
            Event::Beaten(bell, Ok(())) => {
                self.heartbeats.remove(bell);
            }
            Event::Beaten(bell, Err(why)) => {
                self.heartbeats.insert(bell.clone(), why.clone());
            }
            Event::Edge(..)
            | Event::Deadline
            | Event::Refreshed(_, Refreshed::Over(_))
            | Event::Told(..)
            | Event::Looked(_)
            | Event::Quiet(_)
            | Event::Trial(_)
            | Event::Reloaded(_)
            | Event::Shutdown => {}
        }
    }

    /// Sees what is told of a button.
    pub(super) fn on_report(&mut self, report: &Report) {
        // Whether it can be watched at all is seen by the event itself.
        if let Report::Stuck(bell) = report {
            self.lines.insert(bell.clone(), LineHealth::Stuck);
        } else if let Report::Freed(bell) = report {
            self.lines.insert(bell.clone(), LineHealth::Watched);
        }
    }

    /// How this bell is.
    pub(super) fn of(&self, id: &EndpointId, name: &str) -> BellHealth {
        BellHealth {
            id: id.clone(),
            name: name.to_owned(),
            line: self.lines.get(id).cloned().unwrap_or_default(),
            heartbeat: self.heartbeats.get(id).cloned(),
        }
    }
}
