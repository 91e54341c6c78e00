//! The house: the core, the history, and all that answers them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, SystemTime};

use alexa::gateway::Class;
use alexa::grant::Grant;
use device::announce::{Boot, Failure, Refreshed};
use device::backoff::Random;
use device::clock::{Moment, Monotonic};
use device::core::{Beginning, Core};
use device::event::{Effect, Event};
use device::fanout::Errand;
use device::history::{History, HistorySettings, Listener};
use device::integration::{self, Done, Occasion, Picture};
use device::log::Line;
use device::metrics::Metrics;
use device::press::{Edge, Level};
use device::quiet::{Days, Quiet, TimeOfDay};
use jiff::tz::TimeZone;

use crate::seen::Seen;
use crate::settings::{INTEGRATIONS, bell, doorbell, grant};
use crate::weather::{DAY, HOUR, MINUTE, Thing, Weather};

/// 2026-12-01 00:00:00 UTC, when the machine starts.
const BEGIN: Duration = Duration::from_secs(1_796_083_200);
/// For so long its clock is not set.
const UNSET: Duration = MINUTE;
/// Visitors of a day, and how often somebody tries the bell from the page.
const VISITORS: u32 = 20;
const TRIALS: u32 = 2;
/// Bytes of a picture.
const PICTURE: usize = 40_000;

pub(crate) struct House {
    core: Core,
    now: Monotonic,
    pub(crate) history: History,
    told: Receiver<Told>,
    metrics: Metrics,
    /// What the table has.
    grant: Grant,
    weather: Weather,
    random: Random,
    /// What will happen, in order.
    coming: BTreeMap<(Monotonic, u64), Event>,
    number: u64,
    pub(crate) seen: Seen,
}

/// What the history tells of itself.
enum Told {
    Line(Line),
    Quiet(Vec<Quiet>),
}

struct Ears(Sender<Told>);

impl Listener for Ears {
    fn log(&mut self, line: Line) {
        self.0.send(Told::Line(line)).expect("somebody listens");
    }

    fn quiet(&mut self, all: Vec<Quiet>) {
        self.0.send(Told::Quiet(all)).expect("somebody listens");
    }
}

fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

impl House {
    /// A house whose history is in `folder`.
    pub(crate) fn new(folder: &Path, visits: u32, megabytes: u32) -> Self {
        let boot = Boot::new("this start");
        let settings = HistorySettings { file: folder.join("history.db"), visits, megabytes };
        let (ears, told) = mpsc::channel();
        let history = History::open(&settings, boot.clone(), Ears(ears)).expect("a thread");
        let (now, zone) = (Monotonic::default(), TimeZone::UTC);
        let beginning = Beginning { doorbell: doorbell(), boot, kept: Vec::new(), zone, seed: 1 };
        let (core, effects) = Core::new(beginning, Moment::new(now, SystemTime::UNIX_EPOCH));
        let mut random = Random::new(1);
        let mut house = Self {
            core,
            now,
            history,
            told,
            metrics: Metrics::default(),
            grant: grant(SystemTime::UNIX_EPOCH + BEGIN + HOUR),
            weather: Weather::of_day(now, INTEGRATIONS.len(), &mut random),
            random,
            coming: BTreeMap::new(),
            number: 0,
            seen: Seen::default(),
        };
        effects.into_iter().for_each(|effect| house.start(effect));
        // Before the clock is set.
        house.press(now + UNSET / 2, milliseconds(150));
        house
    }

    /// Lets a day pass, with all that happens in it.
    pub(crate) async fn live_for_a_day(&mut self) {
        let (morning, midnight) = (self.now, self.now + DAY);
        self.weather = Weather::of_day(morning, INTEGRATIONS.len(), &mut self.random);
        self.plan_visits(morning);
        self.comes(morning + HOUR, Event::Reloaded(Ok(doorbell())));
        let why = "the chip is gone".to_owned();
        let at = morning + self.some_time();
        self.comes(at, Event::Unwatched(bell(), why));
        assert_eq!(self.history.add_quiet(nap()).await, Ok(true));
        self.listen();
        loop {
            let deadline = self.core.deadline(self.moment());
            let coming = self.coming.first_key_value().map(|((at, _), _)| *at);
            let Some(next) = deadline.into_iter().chain(coming).min().filter(|next| *next < midnight) else {
                break;
            };
            self.now = self.now.max(next);
            let event = match self.coming.first_entry().filter(|coming| coming.key().0 <= next) {
                Some(coming) => coming.remove(),
                None => Event::Deadline,
            };
            self.deliver(event);
        }
        self.now = midnight;
        for (id, _) in self.history.quiet().await.expect("an answer") {
            self.history.remove_quiet(id).await.expect("an answer");
        }
        self.listen();
    }

    fn plan_visits(&mut self, morning: Monotonic) {
        for _ in 0..VISITORS {
            let at = morning + self.some_time();
            // One in fifty leans against the button.
            let held = if self.random.number().is_multiple_of(50) { 2 * MINUTE } else { milliseconds(180) };
            self.press(at, held);
            if self.random.number().is_multiple_of(4) {
                self.press(at + held + milliseconds(700), milliseconds(90));
            }
        }
        for _ in 0..TRIALS {
            let at = morning + self.some_time();
            self.comes(at, Event::Trial(bell()));
        }
    }

    /// Between one and eight in the evening, so that all has come to its end at midnight.
    fn some_time(&mut self) -> Duration {
        HOUR + (HOUR * 19).mul_f64(self.random.fraction())
    }

    /// Somebody presses the button, whose contact bounces.
    fn press(&mut self, at: Monotonic, held: Duration) {
        let edges = [(0, Level::Pressed), (3, Level::Released), (5, Level::Pressed)];
        let edges = edges.map(|(after, level)| (milliseconds(after), level));
        for (after, level) in edges.into_iter().chain([(held, Level::Released)]) {
            self.comes(at + after, Event::Edge(bell(), Edge { level, at: at + after }));
        }
    }

    fn comes(&mut self, at: Monotonic, event: Event) {
        self.number += 1;
        self.coming.insert((at, self.number), event);
    }

    fn answers(&mut self, after: Duration, event: Event) {
        self.comes(self.now + after, event);
    }

    /// What the history has told goes where the daemon has it go.
    fn listen(&mut self) {
        while let Ok(told) = self.told.try_recv() {
            match told {
                Told::Line(line) => panic!("the history says: {line}"),
                Told::Quiet(all) => self.deliver(Event::Quiet(all)),
            }
        }
    }

    fn deliver(&mut self, event: Event) {
        for effect in self.core.handle(event, self.moment()) {
            self.start(effect);
        }
    }

    fn moment(&self) -> Moment {
        let passed = self.now.since(Monotonic::default());
        let begin = if passed < UNSET { Duration::ZERO } else { BEGIN };
        Moment::new(self.now, SystemTime::UNIX_EPOCH + begin + passed)
    }

    fn is_out(&self, thing: Thing) -> bool {
        self.weather.is_out(thing, self.now)
    }

    /// Does what the core wants.
    fn start(&mut self, effect: Effect) {
        match effect {
            Effect::Watch(bell, _) => {
                self.answers(milliseconds(2), Event::Watched(bell, Level::Released));
            }
            Effect::ReadGrants => {
                let is_out = self.is_out(Thing::Internet) || self.is_out(Thing::Table);
                let read = if is_out { Err("throttled".to_owned()) } else { Ok(vec![self.grant.clone()]) };
                self.answers(milliseconds(40), Event::Read(read));
            }
            Effect::Refresh(grant, _) => {
                let user = grant.user.clone();
                let refreshed = self.refresh(*grant);
                self.answers(milliseconds(200), Event::Refreshed(user, refreshed));
            }
            Effect::Send(attempt) => {
                let class = match () {
                    () if self.is_out(Thing::Internet) => Some(Class::Unsent),
                    () if self.is_out(Thing::Gateway) => Some(Class::Passing),
                    () => None,
                };
                let failure = |class| Failure { class, told: format!("{class:?}") };
                let answer = class.map_or(Ok(()), |class| Err(failure(class)));
                self.answers(milliseconds(90), Event::Answered(attempt.press, attempt.user, answer));
            }
            Effect::Beat(heartbeat) => {
                let is_out = self.is_out(Thing::Internet) || self.is_out(Thing::Table);
                let result = if is_out { Err("throttled".to_owned()) } else { Ok(()) };
                self.answers(milliseconds(40), Event::Beaten(heartbeat.endpoint_id, result));
            }
            Effect::Tell(errand) => self.tell(*errand),
            Effect::LookForUpdate => {
                let is_out = self.is_out(Thing::Internet);
                let looked = if is_out { Err("there was no answer".to_owned()) } else { Ok(None) };
                self.answers(milliseconds(300), Event::Looked(looked));
            }
            Effect::Record(record) => {
                self.seen.record(&record);
                self.metrics.count(&record);
                self.history.record(record);
            }
            Effect::Report(report) => {
                self.seen.report(&report);
                assert!(!report.line().to_string().is_empty());
            }
            Effect::EndGrant(..) => panic!("nobody has disabled the skill"),
            Effect::Keep(_)
            | Effect::Unwatch(_)
            | Effect::Equip(..)
            | Effect::Unequip(_)
            | Effect::Notify(_) => {}
        }
    }

    fn refresh(&mut self, grant: Grant) -> Refreshed {
        let wall = self.moment().wall().expect("nothing is refreshed before the clock is set");
        if self.is_out(Thing::Internet) {
            return Refreshed::Failed("login with amazon cannot be reached".to_owned());
        }
        let grant = if grant.is_fresh(wall) { grant } else { Grant { expires_at: wall + HOUR, ..grant } };
        if self.is_out(Thing::Table) {
            return Refreshed::Fresh(Box::new(grant), Some("throttled".to_owned()));
        }
        self.grant = grant.clone();
        Refreshed::Fresh(Box::new(grant), None)
    }

    /// An integration does its part, or fails in one of the ways that there are.
    fn tell(&mut self, errand: Errand) {
        let Errand { job, integration, occasion, time } = errand;
        let place = INTEGRATIONS.iter().position(|(name, _)| *name == integration.as_str());
        let is_out = self.is_out(Thing::Integration(place.expect("one of them")));
        let failed = |why: &str| why.to_owned();
        let (after, result) = match (is_out, self.random.number() % 4) {
            (true, 0) => (time, Err(integration::Failure::Passing(failed("it did not end in its time")))),
            (true, 1) => (milliseconds(20), Err(integration::Failure::Lasting(failed("it refuses")))),
            // The fan-out has to notice by itself.
            (true, 2) => return,
            (true, _) => (milliseconds(20), Err(integration::Failure::Passing(failed("no connection")))),
            (false, _) => (milliseconds(300), Ok(done(integration.as_str(), &occasion))),
        };
        self.answers(after, Event::Told(integration, job, result));
    }
}

fn done(name: &str, occasion: &Occasion) -> Done {
    let mut done = Done::new("done");
    if name == "camera" && matches!(occasion, Occasion::Press(_)) {
        done.pictures.push(Picture { jpeg: vec![0xff; PICTURE].into(), offset_ms: 0 });
    }
    done
}

/// A quiet hour after lunch, for all but the camera.
fn nap() -> Quiet {
    let time = |text| TimeOfDay::parse(text).expect("a time");
    let days = Days::from_bits(0x7f).expect("days");
    let who = ["alexa", "hue", "mqtt"].map(str::to_owned);
    Quiet { days, from: time("13:00"), to: time("14:00"), bells: None, who: Some(who.into()) }
}
