//! The page: who rang, what came of it, quiet hours, and how the doorbell is.
//!
//! It runs on a thread of its own, away from the button's. It works without a script; with one, it shows who rings while
//! it is open. All that it is made with is in this program, and it loads nothing from anywhere.
//!
//! Who may see it is in [`guard`]. What strangers can use up is bounded: connections, their age, the size of what they
//! send, and how long it may take.

#[cfg(test)]
mod access_tests;
mod assets;
mod guard;
mod live;
mod pages;
mod places;
mod reply;
mod server;
mod sessions;
mod shown;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alexa::EndpointId;
use jiff::tz::TimeZone;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

pub use places::Place;

use crate::clock::{Moment, Monotonic};
use crate::core::Health;
use crate::event::Event;
use crate::history::History;
use crate::integration::{IntegrationName, IntegrationSettings};
use crate::log::{Line, Log, Priority};
use crate::metrics::Metrics;
use crate::password::Hash;
use guard::Guard;

/// Connections at a time, over all places. Whoever comes then is let go at once, and may try again.
const CONNECTIONS: usize = 48;

/// The largest form that is read, and how long it may take to come.
const LARGEST_FORM: usize = 16 * 1024;
const FORM: Duration = Duration::from_secs(10);

/// How long somebody waits for his password to be tried.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A bell that was tried can be tried again after this.
const TRIAL: Duration = Duration::from_secs(3);

/// How the page is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSettings {
    /// `listen`: where. Default: `loopback` and `tailnet`. Nowhere, if it is empty.
    pub listen: Vec<Place>,
    /// `port`. Default: 8080.
    pub port: u16,
    /// `names`: names under which it is asked for, beside addresses, this machine's own and those of a tailnet.
    pub names: Vec<String>,
    /// `password_hash` of the secrets: who comes from elsewhere has to know the password.
    pub password: Option<Hash>,
}

/// All integrations by name.
pub type Integrations = BTreeMap<IntegrationName, IntegrationSettings>;

/// What the page shows, and what can be done with it.
#[derive(Clone)]
pub struct House {
    /// Who rang.
    pub history: History,
    /// How everything is.
    pub health: watch::Receiver<Health>,
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// The integrations, to look whether they could do what they are for.
    pub integrations: watch::Receiver<Integrations>,
    /// The way to the core.
    pub events: mpsc::Sender<Event>,
    /// The clock on the wall.
    pub zone: TimeZone,
    /// What time it is.
    pub clock: fn() -> Moment,
}

/// The page, on its thread.
pub struct Web {
    house: House,
    log: Log,
    /// Always there, but for the end.
    runtime: Option<Runtime>,
    /// What is offered now.
    offered: Option<(WebSettings, JoinSet<()>)>,
    found: watch::Sender<Vec<SocketAddr>>,
}

/// What every request is answered from.
struct App {
    house: House,
    guard: Guard,
    /// When this process began.
    began: Monotonic,
    /// When each bell was tried last.
    trials: Mutex<BTreeMap<EndpointId, Monotonic>>,
}

impl Web {
    /// A page that is not offered anywhere yet.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn new(house: House, log: Log) -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        // The other thread tries passwords, or asks the system for what it has to wait for.
        builder.worker_threads(1).max_blocking_threads(2).thread_stack_size(512 * 1024);
        let runtime = builder.thread_name("page").enable_all().build()?;
        let (found, _) = watch::channel(Vec::new());
        Ok(Self { house, log, runtime: Some(runtime), offered: None, found })
    }

    /// Offers it as `settings` say, in the place of what was before. Who was logged in has to log in again.
    pub fn offer(&mut self, settings: WebSettings) {
        if self.offered.as_ref().is_some_and(|(offered, _)| *offered == settings) {
            return;
        }
        self.offered = None;
        self.found.send_replace(Vec::new());
        let Some(runtime) = &self.runtime else { return };
        let guard = match Guard::new(settings.names.clone(), settings.password.clone()) {
            Ok(guard) => guard,
            Err(error) => {
                let line = Line::new(Priority::Error, "the page is not there: there are no random numbers");
                return self.log.write(&line.field("why", error));
            }
        };
        let (began, trials) = ((self.house.clock)().monotonic, Mutex::default());
        let app = Arc::new(App { house: self.house.clone(), guard, began, trials });
        let (router, room) = (pages::router(app), Arc::new(Semaphore::new(CONNECTIONS)));
        let mut tasks = JoinSet::new();
        for place in &settings.listen {
            let (router, room, found) = (router.clone(), Arc::clone(&room), self.found.clone());
            let task = server::serve(*place, settings.port, router, room, found, self.log);
            tasks.spawn_on(task, runtime.handle());
        }
        self.offered = Some((settings, tasks));
    }

    /// Where it is found, and whenever that changes.
    pub fn found(&self) -> watch::Receiver<Vec<SocketAddr>> {
        self.found.subscribe()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        // Whoever is still looking at it must not hold back the end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl App {
    fn now(&self) -> Moment {
        (self.house.clock)()
    }

    /// Whether this bell may be tried now; it then is.
    fn may_try(&self, bell: &EndpointId) -> bool {
        let now = self.now().monotonic;
        let mut trials = self.trials.lock().unwrap_or_else(PoisonError::into_inner);
        let is_early = trials.get(bell).is_some_and(|last| now.since(*last) < TRIAL);
        if !is_early {
            trials.insert(bell.clone(), now);
        }
        !is_early
    }
}
