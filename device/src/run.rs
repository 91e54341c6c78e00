//! The loop: the next event, what the core makes of it, and off with that.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::clock::{Moment, Monotonic};
use crate::cloud::Cloud;
use crate::core::{Beginning, Core, Health};
use crate::crew::Crew;
use crate::environment::Environment;
use crate::event::Event;
use crate::hands::{Hands, Reader, Tools, ends};
use crate::history::History;
use crate::keep::Keeper;
use crate::log::{Line, Log, Priority};
use crate::metrics::Metrics;
use crate::notify::Notifier;
use crate::settings::Settings;
use crate::web::{House, Web};

/// The longest time without an event: how late a leap of the wall clock is noticed.
const LONGEST: Duration = Duration::from_secs(60);

/// Why the daemon cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// TLS cannot be set up.
    #[error("tls cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The system does not give what every system has.
    #[error("{what} cannot be had")]
    System {
        /// What it does not give.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// What comes from outside: signals, and what is asked for.
struct Signals {
    end: [Signal; 2],
    reload: Signal,
}

/// Runs until it is told to end.
///
/// # Errors
/// See [`RunError`].
pub async fn run(settings: Settings, path: &Path, environment: &Environment) -> Result<(), RunError> {
    let of = |what| move |source| RunError::System { what, source };
    let mut signals = Signals::new().map_err(of("the handling of signals"))?;
    let keeper = Keeper::new(&settings.presses).map_err(of("the id of this start of the machine"))?;
    let notifier = Notifier::new(environment.notify.as_deref()).map_err(of("the service manager"))?;
    let log = Log { least: settings.log, journal: environment.journal };

    let kept = keeper.load(Monotonic::now()).unwrap_or_else(|error| {
        let message = "presses that an earlier process has kept cannot be read, and are lost";
        log.write(&Line::new(Priority::Error, message).field("why", error));
        Vec::new()
    });
    let zone = TimeZone::system();
    let beginning = Beginning {
        doorbell: settings.doorbell.clone(),
        boot: keeper.boot(),
        kept,
        zone: zone.clone(),
        // All that it has to be is another one on another doorbell.
        seed: Monotonic::now().as_nanos() ^ u64::from(std::process::id()),
    };
    let ends = ends();
    let reader = Reader { log, events: ends.0.clone() };
    let history = History::open(&settings.history, keeper.boot(), reader).map_err(of("threads"))?;
    let (health, shown) = watch::channel(Health::default());
    let crew = Crew::new(shown.clone()).map_err(of("threads"))?;
    let (integrations, known) = watch::channel(settings.doorbell.integrations.clone());
    let metrics = Arc::new(Metrics::default());
    let house = House {
        history: history.clone(),
        health: shown,
        metrics: Arc::clone(&metrics),
        integrations: known,
        events: ends.0.clone(),
        zone,
        clock: Moment::now,
    };
    let mut web = Web::new(house, log).map_err(of("threads"))?;
    web.offer(settings.web.clone());
    let tools = Tools { keeper, notifier, crew, history, metrics, health, integrations, web };
    let mut hands = Hands::new(Cloud::new(&settings)?, log, tools, ends);
    let (mut core, effects) = Core::new(beginning, Moment::now());
    effects.into_iter().for_each(|effect| hands.start(effect));

    let mut alive = Alive::new(environment.watchdog);
    while !core.has_ended(Monotonic::now()) {
        let now = Moment::now();
        let deadline =
            core.deadline(now).map_or(LONGEST, |deadline| deadline.since(now.monotonic).min(LONGEST));
        let until =
            alive.next.map_or(Instant::now() + deadline, |alive| alive.min(Instant::now() + deadline));
        let event = select! {
            // An edge that waits may undo what a deadline would settle, so that it comes first.
            biased;
            event = hands.next() => event,
            event = signals.next() => match event {
                Asked::End => Event::Shutdown,
                Asked::Reload => reload(path, environment, &mut hands),
            },
            () = sleep_until(until) => Event::Deadline,
        };
        for effect in core.handle(event, Moment::now()) {
            hands.start(effect);
        }
        hands.show(core.health(Monotonic::now()));
        alive.tell(&hands);
    }
    hands.close();
    Ok(())
}

/// Reads the settings anew. If they are good, what is called from now on is what they say.
fn reload(path: &Path, environment: &Environment, hands: &mut Hands) -> Event {
    Event::Reloaded(Settings::load(path, environment).map(|settings| {
        hands.reload(&settings);
        settings.doorbell
    }))
}

enum Asked {
    End,
    Reload,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let end = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
        Ok(Self { end, reload: signal(SignalKind::hangup())? })
    }

    async fn next(&mut self) -> Asked {
        let [terminate, interrupt] = &mut self.end;
        select! {
            _ = terminate.recv() => Asked::End,
            _ = interrupt.recv() => Asked::End,
            _ = self.reload.recv() => Asked::Reload,
        }
    }
}

/// Tells the service manager that the loop goes round.
struct Alive {
    interval: Duration,
    /// When it is to be told next, if it wants to know.
    next: Option<Instant>,
}

impl Alive {
    /// Twice within the time that the service manager waits, as it recommends.
    fn new(watchdog: Option<Duration>) -> Self {
        Self { interval: watchdog.unwrap_or_default() / 2, next: watchdog.map(|_| Instant::now()) }
    }

    fn tell(&mut self, hands: &Hands) {
        let now = Instant::now();
        if self.next.is_some_and(|next| next <= now) {
            hands.tell_alive();
            self.next = Some(now + self.interval);
        }
    }
}
