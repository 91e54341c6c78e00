//! What lights were like before they flashed, and what is to be done about it: decided from what is found, and the time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::state::LightState;
use crate::targets::Way;
use crate::wire::{Change, ResourceId};

/// What lights are like.
pub(super) type Lights = BTreeMap<ResourceId, LightState>;

/// How long a light breathes. There is no way to tell it, or to ask it to stop.
const BREATH: Duration = Duration::from_secs(15);

/// How long it takes until the bridge knows what a light has come back to.
const SETTLING: Duration = Duration::from_secs(1);

/// One flash among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round(u64);

/// Lights that are not known to be as they were.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    lights: BTreeMap<ResourceId, Remembered>,
    rounds: u64,
}

#[derive(Clone, Debug)]
struct Remembered {
    before: LightState,
    looks: Looks,
    /// The last flash that it is in: nobody else restores it.
    round: Round,
    ends: Instant,
    /// Until when it may breathe.
    breathes: Option<Instant>,
    /// Whether its flash has stopped to try; the next one will.
    given_up: bool,
}

/// How a light looks while nobody but the flash has changed it.
#[derive(Clone, Debug)]
enum Looks {
    /// As before, or as before and on.
    AsBefore,
    /// So.
    Like(LightState),
    /// Not known.
    Anything,
}

/// What is to be done about a light whose flash is over.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Nothing: it is as it was.
    Same,
    /// Nothing: somebody has changed it meanwhile.
    Changed,
    /// Nothing: the bridge does not know it any more.
    Gone,
    /// These changes, in this order.
    Restore(Vec<Change>),
}

impl Memory {
    /// Lights that are `found` so are about to flash, each in its way.
    ///
    /// A light that still flashes is not looked at: what it was like before the first flash stays in memory, unless
    /// somebody has changed it since.
    pub(super) fn begin(
        &mut self,
        lights: &BTreeMap<ResourceId, Way>,
        found: &Lights,
        now: Instant,
        duration: Duration,
    ) -> Round {
        self.rounds += 1;
        let round = Round(self.rounds);
        for (id, &way) in lights {
            let Some(state) = found.get(id) else { continue };
            let looks = match way {
                Way::Signal | Way::Breathe => Looks::AsBefore,
                Way::Show(_) => Looks::Anything,
            };
            let known = self.lights.remove(id).filter(|known| known.is_untouched(state));
            let mut light = known.unwrap_or_else(|| Remembered::new(state.clone(), round, now));
            // What the first flash has made of a light stays its doing while the second goes on.
            if !matches!((&light.looks, &looks), (Looks::Like(_), Looks::AsBefore)) {
                light.looks = looks;
            }
            (light.round, light.given_up) = (round, false);
            self.lights.insert(id.clone(), light);
            self.starts([id], way, now, duration);
        }
        round
    }

    /// These lights were told to flash, which has begun by `now`.
    pub(super) fn starts<'a>(
        &mut self,
        lights: impl IntoIterator<Item = &'a ResourceId>,
        way: Way,
        now: Instant,
        duration: Duration,
    ) {
        let (lasts, breathes) = match way {
            Way::Signal => (duration + SETTLING, None),
            Way::Breathe => (duration.max(BREATH) + SETTLING, Some(now + BREATH)),
            Way::Show(_) => (duration, None),
        };
        for id in lights {
            let Some(light) = self.lights.get_mut(id) else { continue };
            light.ends = light.ends.max(now + lasts);
            light.breathes = light.breathes.max(breathes);
        }
    }

    /// What lights look like now is what this flash has made of them.
    pub(super) fn shows(&mut self, round: Round, found: &Lights) {
        for (id, light) in &mut self.lights {
            if let (Looks::Anything, true, Some(state)) = (&light.looks, light.round == round, found.get(id))
            {
                light.looks = Looks::Like(state.clone());
            }
        }
    }

    /// When the next light of this flash is to be restored; none when they all are, or flash once more for others.
    pub(super) fn next_end(&self, round: Round) -> Option<Instant> {
        let lights = self.lights.values().filter(|light| light.round == round && !light.given_up);
        lights.map(|light| light.ends).min()
    }

    /// Every flash is over now, and belongs to the one that is returned.
    pub(super) fn end(&mut self, now: Instant) -> Round {
        self.rounds += 1;
        let round = Round(self.rounds);
        for light in self.lights.values_mut() {
            (light.round, light.ends, light.given_up) = (round, now, false);
        }
        round
    }

    /// What is to be done about the lights of this flash that are over. Those about which nothing is are forgotten.
    pub(super) fn verdicts(
        &mut self,
        round: Round,
        found: &Lights,
        now: Instant,
    ) -> Vec<(ResourceId, Verdict)> {
        let over = self.lights.iter().filter(|(_, light)| light.round == round && light.ends <= now);
        let verdicts: Vec<(ResourceId, Verdict)> =
            over.map(|(id, light)| (id.clone(), light.verdict(found.get(id), now))).collect();
        for (id, verdict) in &verdicts {
            match verdict {
                Verdict::Same | Verdict::Changed | Verdict::Gone => self.forget(id),
                Verdict::Restore(_) => {}
            }
        }
        verdicts
    }

    /// A light is as it was.
    pub(super) fn forget(&mut self, id: &ResourceId) {
        self.lights.remove(id);
    }

    /// The lights of this flash that are over, and not known to be as they were.
    pub(super) fn left(&self, round: Round, now: Instant) -> Vec<ResourceId> {
        let lights = self.lights.iter().filter(|(_, light)| light.round == round && light.ends <= now);
        lights.map(|(id, _)| id.clone()).collect()
    }

    /// Stops to try; the next flash that a light is in goes on, if nobody has changed it by then.
    pub(super) fn give_up(&mut self, ids: &[ResourceId]) {
        for id in ids {
            if let Some(light) = self.lights.get_mut(id) {
                light.given_up = true;
            }
        }
    }
}

impl Remembered {
    fn new(before: LightState, round: Round, now: Instant) -> Self {
        Self { before, looks: Looks::AsBefore, round, ends: now, breathes: None, given_up: false }
    }

    /// Whether nobody but the flash can have made the light so.
    fn is_untouched(&self, found: &LightState) -> bool {
        let as_before = found.is_like(&self.before) || found.is_like(&self.before.lit());
        match &self.looks {
            Looks::AsBefore => as_before,
            Looks::Like(state) => as_before || found.is_like(state),
            Looks::Anything => true,
        }
    }

    fn verdict(&self, found: Option<&LightState>, now: Instant) -> Verdict {
        let Some(found) = found else { return Verdict::Gone };
        if !self.is_untouched(found) {
            return Verdict::Changed;
        }
        // While it breathes the bridge tells what it was like before, and it ends with being on. To be told ends that.
        let breathes = self.breathes.is_some_and(|until| now < until);
        if found.is_like(&self.before) && !breathes {
            return Verdict::Same;
        }
        Verdict::Restore(self.before.changes_from(found))
    }
}
