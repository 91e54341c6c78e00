//! Lights flash, and are afterwards as they were.
//!
//! 1. All lights are read, and those that will flash are remembered.
//! 2. Each target is told: to signal, which it ends by itself; if it cannot, to breathe; or a scene is shown.
//! 3. When the time is over, the lights are read again. One that is as it was is left alone, and so is one that somebody
//!    has changed meanwhile. The others are told what they were like, until they have heard it or time is up.
//!
//! A second flash during the first goes on from its memory, and takes over to restore the lights that both are in. What
//! cannot be told apart: somebody who switches a light on during the flash, just as bright as it was before, has it
//! switched off at the end, as a light that breathes stays on by itself.

mod memory;
mod report;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use self::memory::{Lights, Memory, Round, Verdict};
pub use self::report::FlashReport;
use crate::bridge::Bridge;
use crate::error::HueError;
use crate::state::LightState;
use crate::targets::{Target, Targets, Wanted, Way};
use crate::wire::{Action, Alert, Change, Light, ResourceId, SceneChange, Signal, Signaling};

/// Longest time until everything flashes.
const START_LIMIT: Duration = Duration::from_secs(10);

/// Longest time after a flash until everything is as it was.
const RESTORE_LIMIT: Duration = Duration::from_secs(60);

/// The longest pause between tries to restore; the first is a second.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How long a scene takes to be there: the bridge lets lights change within 0.4 s.
const APPEARING: Duration = Duration::from_secs(1);

/// How to flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlashSettings {
    seconds: u8,
}

impl FlashSettings {
    /// A flash of so many seconds, of which the bridge counts whole ones: 1 to 60.
    #[must_use]
    pub fn new(seconds: u8) -> Option<Self> {
        (1..=60).contains(&seconds).then_some(Self { seconds })
    }

    fn duration(self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}

/// What flashes, and remembers. There is one for a bridge, for all who ring.
#[derive(Debug)]
pub struct Flasher {
    bridge: Bridge,
    wanted: Wanted,
    settings: FlashSettings,
    /// Whoever holds it reads lights and tells them something, so that nobody takes the one for the other.
    turn: Mutex<Turn>,
}

#[derive(Debug, Default)]
struct Turn {
    memory: Memory,
    targets: Option<Targets>,
    names: BTreeMap<ResourceId, String>,
}

impl Turn {
    fn name(&self, id: &ResourceId) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// A flash that has begun.
#[derive(Debug)]
pub struct Flash {
    /// What came of it so far: what flashes, and what does not.
    pub report: FlashReport,
    flasher: Arc<Flasher>,
    round: Round,
    /// Whether a scene is shown.
    shows: bool,
}

impl Flash {
    /// Waits until it is over, and restores: while the bridge does not answer, for up to a minute.
    pub async fn finish(self) -> FlashReport {
        let Self { mut report, flasher, round, shows } = self;
        if shows {
            flasher.bridge.clock().pause_until(flasher.now() + APPEARING).await;
            flasher.look_at_scene(round).await;
        }
        while let Some(end) = flasher.next_end(round).await {
            flasher.bridge.clock().pause_until(end).await;
            flasher.restore_round(round, end + RESTORE_LIMIT, &mut report).await;
        }
        report
    }
}

impl Flasher {
    /// Flashes what `wanted` names on `bridge`.
    #[must_use]
    pub fn new(bridge: Bridge, wanted: Wanted, settings: FlashSettings) -> Self {
        Self { bridge, wanted, settings, turn: Mutex::default() }
    }

    /// Asks the bridge, now and not again before a flash, for what is to flash; its names.
    ///
    /// # Errors
    /// See [`HueError`].
    pub async fn prepare(&self) -> Result<Vec<String>, HueError> {
        let deadline = self.now() + START_LIMIT;
        let targets = self.bridge.resolve(&self.wanted, deadline).await?;
        let names = targets.signals.iter().map(|target| target.name.clone()).collect();
        self.turn(deadline).await?.targets = Some(targets);
        Ok(names)
    }

    /// Begins a flash, within ten seconds. Who drops the future, or what comes of it, calls [`Flasher::restore`].
    ///
    /// # Errors
    /// See [`HueError`]: nothing flashes then, as far as is known.
    pub async fn start(self: Arc<Self>) -> Result<Flash, HueError> {
        let mut report = FlashReport::default();
        let (round, targets, error) = self.begin(&mut report).await?;
        let shows = targets.signals.iter().any(|target| matches!(target.way, Way::Show(_)));
        let flash = Flash { flasher: Arc::clone(&self), round, shows, report };
        let Some(error) = error else { return Ok(flash) };
        // It may flash all the same, and then it is to end.
        flash.finish().await;
        Err(error)
    }

    /// Ends every flash, and restores at once, until `deadline`.
    pub async fn restore(&self, deadline: Instant) -> FlashReport {
        let mut report = FlashReport::default();
        let Ok(mut turn) = self.turn(deadline).await else { return report };
        let round = turn.memory.end(self.now());
        if turn.memory.left(round, self.now()).is_empty() {
            return report;
        }
        let targets: Vec<Target> = turn.targets.iter().flat_map(|targets| targets.signals.clone()).collect();
        drop(turn);
        self.restore_round(round, deadline, &mut report).await;
        // Last, because a signal that does not hear of it ends by itself.
        for target in targets.iter().filter(|target| target.way == Way::Signal) {
            let none = Signaling { signal: Signal::NoSignal, duration: None };
            let change = Change { signaling: Some(none), ..Change::default() };
            let _ = self.bridge.change(target.kind, &target.id, &json!(change), deadline).await;
        }
        report
    }

    /// Steps 1 and 2. The error is one after which something may flash, though nothing is known to.
    async fn begin(&self, report: &mut FlashReport) -> Result<(Round, Targets, Option<HueError>), HueError> {
        let deadline = self.now() + START_LIMIT;
        let mut turn = self.turn(deadline).await?;
        let targets = self.targets(&mut turn, deadline).await?;
        let (found, _) = self.read(deadline).await?;
        let before = turn.memory.clone();
        let lights = targets.lights();
        let round = turn.memory.begin(&lights, &found, self.now(), self.settings.duration());
        let (mut error, mut is_certain) = (None, true);
        for target in &targets.signals {
            let told = self.bridge.change(target.kind, &target.id, &self.signal(target.way), deadline).await;
            turn.memory.starts(&target.lights, target.way, self.now(), self.settings.duration());
            match told {
                Ok(()) | Err(HueError::Doubtful { .. }) => report.flashed.push(target.name.clone()),
                Err(why) => {
                    report.missed.push((target.name.clone(), why.to_string()));
                    is_certain &= !why.may_be_done();
                    error.get_or_insert(why);
                }
            }
        }
        if !report.flashed.is_empty() {
            return Ok((round, targets, None));
        }
        match error {
            Some(error) if is_certain => {
                turn.memory = before;
                // What is not there any more may be there under another id.
                turn.targets = turn.targets.take().filter(|_| !matches!(error, HueError::Refused { .. }));
                Err(error)
            }
            error => Ok((round, targets, error)),
        }
    }

    fn signal(&self, way: Way) -> Value {
        match way {
            Way::Signal => {
                let duration = Some(u32::from(self.settings.seconds) * 1000);
                let signaling = Some(Signaling { signal: Signal::OnOff, duration });
                json!(Change { signaling, ..Change::default() })
            }
            Way::Breathe => {
                json!(Change { alert: Some(Alert { action: Action::Breathe }), ..Change::default() })
            }
            Way::Show(shown) => json!(SceneChange { recall: shown.recall() }),
        }
    }

    /// If that fails, whatever the lights look like is taken for the scene.
    async fn look_at_scene(&self, round: Round) {
        let deadline = self.now() + START_LIMIT;
        let Ok(mut turn) = self.turn(deadline).await else { return };
        if let Ok((found, _)) = self.read(deadline).await {
            turn.memory.shows(round, &found);
        }
    }

    /// Step 3, for the lights that are over.
    async fn restore_round(&self, round: Round, deadline: Instant, report: &mut FlashReport) {
        let mut pause = Duration::from_secs(1);
        while !self.restore_once(round, deadline, report).await {
            if self.now() + pause >= deadline {
                return self.give_up(round, report).await;
            }
            self.bridge.pause(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Goes through the lights once; whether all that are over are as they were, or not the flash's any more.
    async fn restore_once(&self, round: Round, deadline: Instant, report: &mut FlashReport) -> bool {
        let Ok(mut turn) = self.turn(deadline).await else { return false };
        let Ok((found, names)) = self.read(deadline).await else { return false };
        turn.names = names;
        let mut is_done = true;
        for (id, verdict) in turn.memory.verdicts(round, &found, self.now()) {
            match verdict {
                Verdict::Same => report.same += 1,
                Verdict::Changed => report.changed.push(turn.name(&id)),
                Verdict::Gone => {}
                Verdict::Restore(changes) => {
                    if self.tell(&id, &changes, deadline).await.is_ok() {
                        turn.memory.forget(&id);
                        report.restored += 1;
                    } else {
                        is_done = false;
                    }
                }
            }
        }
        is_done
    }

    async fn give_up(&self, round: Round, report: &mut FlashReport) {
        let mut turn = self.turn.lock().await;
        let left = turn.memory.left(round, self.now());
        turn.memory.give_up(&left);
        report.left.extend(left.iter().map(|id| turn.name(id)));
    }

    async fn tell(&self, id: &ResourceId, changes: &[Change], deadline: Instant) -> Result<(), HueError> {
        for change in changes {
            self.bridge.change("light", id, &json!(change), deadline).await?;
        }
        Ok(())
    }

    async fn read(&self, deadline: Instant) -> Result<(Lights, BTreeMap<ResourceId, String>), HueError> {
        let lights: Vec<Light> = self.bridge.list("light", deadline).await?;
        let names = lights.iter().map(|light| (light.id.clone(), light.metadata.name.clone())).collect();
        Ok((lights.iter().map(|light| (light.id.clone(), LightState::of(light))).collect(), names))
    }

    async fn targets(&self, turn: &mut Turn, deadline: Instant) -> Result<Targets, HueError> {
        if let Some(targets) = &turn.targets {
            return Ok(targets.clone());
        }
        let targets = self.bridge.resolve(&self.wanted, deadline).await?;
        turn.targets = Some(targets.clone());
        Ok(targets)
    }

    async fn next_end(&self, round: Round) -> Option<Instant> {
        self.turn.lock().await.memory.next_end(round)
    }

    /// Waits for others, who are done by their own deadlines.
    async fn turn(&self, deadline: Instant) -> Result<MutexGuard<'_, Turn>, HueError> {
        let time = deadline.saturating_duration_since(self.now());
        let late = |_| HueError::Late { what: "another flash has not come to its end".into() };
        timeout(time, self.turn.lock()).await.map_err(late)
    }

    fn now(&self) -> Instant {
        self.bridge.clock().now()
    }
}
