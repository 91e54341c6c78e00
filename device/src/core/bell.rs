//! One bell: its button, and its signs of life.

use std::time::Duration;

use alexa::heartbeat::Heartbeat;
use alexa::{Connectivity, EndpointId};

use crate::backoff::{Backoff, Random};
use crate::clock::{Moment, Monotonic};
use crate::event::Effect;
use crate::press::{Edge, Happening, Level, PressWatch};
use crate::report::Report;
use crate::settings::BellSettings;

/// The longest pause before trying again to watch a button.
const PATIENT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Bell {
    id: EndpointId,
    settings: BellSettings,
    line: LineState,
    /// From before the line was watched this time.
    latest_press: Option<Monotonic>,
    backoff: Backoff,
    /// Why it could not be watched last time, which is told once.
    trouble: Option<String>,
    heartbeat: Pulse,
}

#[derive(Debug)]
enum LineState {
    /// It is being opened.
    Opening,
    /// It is watched.
    Watched(PressWatch),
    /// It cannot be; when that is tried again.
    Unwatched(Monotonic),
}

#[derive(Debug)]
struct Pulse {
    /// When the next heartbeat is due; not known while one is being written.
    due: Option<Monotonic>,
    interval: Duration,
    begun: Monotonic,
    failing: bool,
}

impl Bell {
    pub(super) fn new(
        id: EndpointId,
        settings: BellSettings,
        latest_press: Option<Monotonic>,
        random: Random,
    ) -> Self {
        let now = Monotonic::default();
        let heartbeat = Pulse { due: Some(now), interval: Duration::ZERO, begun: now, failing: false };
        let (line, backoff) = (LineState::Opening, Backoff::new(random));
        Self { id, settings, line, latest_press, backoff, trouble: None, heartbeat }
    }

    pub(super) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(super) fn is_as(&self, settings: &BellSettings) -> bool {
        self.settings == *settings
    }

    /// The button is to be watched.
    pub(super) fn watch(&self) -> Effect {
        Effect::Watch(self.id.clone(), self.settings.button.clone())
    }

    pub(super) fn latest_press(&self) -> Option<Monotonic> {
        match &self.line {
            LineState::Watched(watch) => watch.latest_press(),
            LineState::Opening | LineState::Unwatched(_) => self.latest_press,
        }
    }

    pub(super) fn on_watched(&mut self, level: Level, now: Monotonic, effects: &mut Vec<Effect>) {
        self.backoff.reset();
        self.trouble = None;
        self.latest_press = self.latest_press();
        self.line = LineState::Watched(PressWatch::new(self.settings.timings, level, self.latest_press, now));
        effects.push(Effect::Report(Report::Watched(self.id.clone())));
    }

    pub(super) fn on_unwatched(&mut self, why: String, now: Monotonic, effects: &mut Vec<Effect>) {
        self.latest_press = self.latest_press();
        let pause = self.backoff.pause(PATIENT);
        self.line = LineState::Unwatched(now + pause);
        if self.trouble.as_ref() != Some(&why) {
            effects.push(Effect::Report(Report::Unwatched(self.id.clone(), why.clone(), pause)));
        }
        self.trouble = Some(why);
    }

    /// Watches the button once more, if it is time to.
    pub(super) fn watch_again(&mut self, now: Monotonic) -> Option<Effect> {
        match self.line {
            LineState::Unwatched(until) if until <= now => {
                self.line = LineState::Opening;
                Some(self.watch())
            }
            LineState::Unwatched(_) | LineState::Opening | LineState::Watched(_) => None,
        }
    }

    pub(super) fn on_edge(&mut self, edge: Edge) -> Option<Happening> {
        self.press_watch()?.on_edge(edge)
    }

    /// To be called until there is nothing more.
    pub(super) fn on_deadline(&mut self, now: Monotonic) -> Option<Happening> {
        let watch = self.press_watch()?;
        while watch.deadline().is_some_and(|deadline| deadline <= now) {
            if let Some(happening) = watch.on_deadline(now) {
                return Some(happening);
            }
        }
        None
    }

    pub(super) fn deadline(&self, now: Moment) -> Option<Monotonic> {
        let line = match &self.line {
            LineState::Opening => None,
            LineState::Watched(watch) => watch.deadline(),
            LineState::Unwatched(until) => Some(*until),
        };
        let beats = now.wall().is_some() && !matches!(self.line, LineState::Opening);
        let heartbeat = self.heartbeat.due.filter(|_| beats);
        line.into_iter().chain(heartbeat).min()
    }

    /// Writes a heartbeat, if one is due and the time of it is known.
    pub(super) fn beat(&mut self, interval: Duration, now: Moment, effects: &mut Vec<Effect>) {
        let connectivity = match self.line {
            LineState::Opening => return,
            LineState::Watched(_) => Connectivity::Ok,
            LineState::Unwatched(_) => Connectivity::Unreachable,
        };
        if self.heartbeat.due.is_some_and(|due| due <= now.monotonic) {
            self.write(connectivity, interval, now, effects);
        }
    }

    /// Writes the last heartbeat, which says that no more will come.
    pub(super) fn beat_last(&mut self, interval: Duration, now: Moment, effects: &mut Vec<Effect>) {
        self.write(Connectivity::Unreachable, interval, now, effects);
    }

    pub(super) fn on_beaten(&mut self, result: Result<(), String>, effects: &mut Vec<Effect>) {
        let Pulse { due, interval, begun, failing } = &mut self.heartbeat;
        *due = Some(*begun + *interval);
        if std::mem::replace(failing, result.is_err()) != result.is_err() {
            effects.push(Effect::Report(Report::Beaten(self.id.clone(), result)));
        }
    }

    pub(super) fn is_beating(&self) -> bool {
        self.heartbeat.due.is_none()
    }

    fn write(
        &mut self,
        connectivity: Connectivity,
        interval: Duration,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let Some(seen_at) = now.wall() else { return };
        self.heartbeat = Pulse { due: None, interval, begun: now.monotonic, ..self.heartbeat };
        effects.push(Effect::Beat(Heartbeat {
            endpoint_id: self.id.clone(),
            seen_at,
            interval,
            connectivity,
            software: env!("CARGO_PKG_VERSION").to_owned(),
        }));
    }

    fn press_watch(&mut self) -> Option<&mut PressWatch> {
        match &mut self.line {
            LineState::Watched(watch) => Some(watch),
            LineState::Opening | LineState::Unwatched(_) => None,
        }
    }
}
