//! When it is looked for a newer package, and what was found.

use std::time::Duration;

use super::health::UpdateHealth;
use crate::backoff::Random;
use crate::clock::{Moment, Monotonic};
use crate::event::Effect;
use crate::report::Report;
use crate::update::News;

/// How long after the start it is looked first: by then, all that a start brings is done.
const FIRST: Duration = Duration::from_secs(20);

/// How often it is looked.
const DAILY: Duration = Duration::from_secs(24 * 60 * 60);

/// How soon it is looked again if it could not be seen.
const AGAIN: Duration = Duration::from_secs(60 * 60);

#[derive(Debug)]
pub(super) struct Lookout {
    /// When it is looked next; not known while it is being looked.
    due: Option<Monotonic>,
    random: Random,
    health: UpdateHealth,
}

impl Lookout {
    pub(super) fn new(now: Monotonic, mut random: Random) -> Self {
        let due = Some(now + random.shortened(FIRST));
        Self { due, random, health: UpdateHealth::default() }
    }

    /// Looks, if it is time to. AWS is only asked by somebody who knows what time it is.
    pub(super) fn advance(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        if now.wall().is_some() && self.due.take_if(|due| *due <= now.monotonic).is_some() {
            effects.push(Effect::LookForUpdate);
        }
    }

    pub(super) fn deadline(&self, now: Moment) -> Option<Monotonic> {
        self.due.filter(|_| now.wall().is_some())
    }

    /// Takes what was found. What was found before is still there if nothing could be seen this time.
    pub(super) fn on_looked(
        &mut self,
        found: Result<Option<News>, String>,
        now: Monotonic,
        effects: &mut Vec<Effect>,
    ) {
        let pause = if found.is_ok() { DAILY } else { AGAIN };
        self.due = Some(now + self.random.shortened(pause));
        match found {
            Ok(news) => {
                if let Some(news) = news.as_ref().filter(|news| news.is_update_available())
                    && self.health.news.as_ref() != Some(news)
                {
                    effects.push(Effect::Report(Report::UpdateAvailable(news.clone())));
                }
                self.health = UpdateHealth { news, trouble: None };
            }
            Err(why) => {
                if self.health.trouble.is_none() {
                    effects.push(Effect::Report(Report::UpdateUnseen(why.clone())));
                }
                self.health.trouble = Some(why);
            }
        }
    }

    pub(super) fn health(&self) -> UpdateHealth {
        self.health.clone()
    }
}
