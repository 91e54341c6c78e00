//! Does what the core decides. Nothing is waited for here: calls run as tasks, whose ends are events.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::buttons::Buttons;
use crate::cloud::Cloud;
use crate::core::Health;
use crate::crew::Crew;
use crate::event::{Effect, Event};
use crate::history::{History, Listener};
use crate::keep::Keeper;
use crate::log::{Line, Log, Priority};
use crate::metrics::Metrics;
use crate::notify::Notifier;
use crate::quiet::Quiet;
use crate::settings::Settings;
use crate::web::{Integrations, Web};

/// Ends of calls that wait for the core.
const WAITING: usize = 64;

/// How long the history may take to write what is left.
const FAREWELL: Duration = Duration::from_secs(2);

/// Carries out effects, and tells what comes of them.
pub(crate) struct Hands {
    /// What is called from now on.
    pub(crate) cloud: Arc<Cloud>,
    /// The log.
    pub(crate) log: Log,
    tools: Tools,
    buttons: Buttons,
    calls: JoinSet<()>,
    ends: Ends,
}

/// What effects are carried out with.
pub(crate) struct Tools {
    pub(crate) keeper: Keeper,
    pub(crate) notifier: Notifier,
    pub(crate) crew: Crew,
    pub(crate) history: History,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) health: watch::Sender<Health>,
    pub(crate) integrations: watch::Sender<Integrations>,
    pub(crate) web: Web,
}

/// Where ends of calls come in.
pub(crate) type Ends = (mpsc::Sender<Event>, mpsc::Receiver<Event>);

/// A way for ends of calls. What finds no place waits with its call.
pub(crate) fn ends() -> Ends {
    mpsc::channel(WAITING)
}

/// Takes what the history tells of itself.
pub(crate) struct Reader {
    pub(crate) log: Log,
    pub(crate) events: mpsc::Sender<Event>,
}

impl Hands {
    pub(crate) fn new(cloud: Cloud, log: Log, tools: Tools, ends: Ends) -> Self {
        let (buttons, calls) = (Buttons::default(), JoinSet::new());
        Self { cloud: Arc::new(cloud), log, tools, buttons, calls, ends }
    }

    /// The next event of a button, or else the end of a call. It can be given up at any time.
    pub(crate) async fn next(&mut self) -> Event {
        poll_fn(|context| match self.buttons.poll_next(context) {
            Poll::Ready(event) => Poll::Ready(event),
            Poll::Pending => match self.ends.1.poll_recv(context) {
                Poll::Ready(Some(event)) => Poll::Ready(event),
                // The other end is here as well, so that it is not closed.
                Poll::Ready(None) | Poll::Pending => Poll::Pending,
            },
        })
        .await
    }

    /// Does, or begins, what is to be done.
    pub(crate) fn start(&mut self, effect: Effect) {
        // Calls that have ended are let go of.
        while self.calls.try_join_next().is_some() {}
        let cloud = Arc::clone(&self.cloud);
        match effect {
            Effect::Watch(bell, settings) => self.buttons.watch(bell, &settings),
            Effect::Unwatch(bell) => self.buttons.unwatch(&bell),
            Effect::Keep(presses) => {
                if let Err(error) = self.tools.keeper.keep(&presses) {
                    let message = "a press cannot be kept, and is lost if this process ends now";
                    self.log.write(&Line::new(Priority::Error, message).field("why", error));
                }
            }
            Effect::ReadGrants => self.call(async move { cloud.read_grants().await }),
            Effect::Refresh(grant, renewal) => self.call(async move { cloud.refresh(*grant, renewal).await }),
            Effect::EndGrant(grant, why) => {
                self.calls.spawn(async move { cloud.end_grant(*grant, why).await });
            }
            Effect::Send(attempt) => self.call(async move { cloud.send(*attempt).await }),
            Effect::Beat(heartbeat) => self.call(async move { cloud.beat(heartbeat).await }),
            Effect::Equip(name, kind) => {
                if let Err(why) = self.tools.crew.equip(name.clone(), &kind) {
                    let line = Line::new(Priority::Error, "an integration cannot begin");
                    self.log.write(&line.field("integration", name).field("why", why));
                }
            }
            Effect::Unequip(name) => self.tools.crew.unequip(&name),
            Effect::Tell(errand) => {
                let told = self.tools.crew.tell(*errand);
                self.call(told);
            }
            Effect::LookForUpdate => self.call(async move { cloud.look_for_update().await }),
            Effect::Record(record) => {
                self.tools.metrics.count(&record);
                self.tools.history.record(record);
            }
            Effect::Notify(notice) => {
                let told = self.tools.notifier.tell(&notice);
                self.unheard(told);
            }
            Effect::Report(report) => self.log.write(&report.line()),
        }
    }

    /// Tells the service manager that all is well.
    pub(crate) fn tell_alive(&self) {
        self.unheard(self.tools.notifier.tell_alive());
    }

    /// Takes up what new settings say of what the core has no part in.
    pub(crate) fn reload(&mut self, settings: &Settings) {
        self.log.least = settings.log;
        match Cloud::new(settings) {
            Ok(cloud) => self.cloud = cloud.into(),
            Err(error) => {
                let message = "AWS and Amazon are called as before: tls cannot be set up";
                self.log.write(&Line::new(Priority::Error, message).field("why", error));
            }
        }
        self.tools.integrations.send_replace(settings.doorbell.integrations.clone());
        self.tools.web.offer(settings.web.clone());
    }

    /// Shows how the daemon is to whoever looks.
    pub(crate) fn show(&self, health: Health) {
        self.tools.health.send_if_modified(|shown| {
            let is_news = *shown != health;
            *shown = health;
            is_news
        });
    }

    /// Lets what is left be written.
    pub(crate) fn close(&self) {
        self.tools.history.close(FAREWELL);
    }

    fn unheard(&self, told: std::io::Result<()>) {
        if let Err(error) = told {
            let line = Line::new(Priority::Warning, "the service manager does not listen");
            self.log.write(&line.field("why", error));
        }
    }

    fn call(&mut self, call: impl Future<Output = Event> + Send + 'static) {
        let ends = self.ends.0.clone();
        self.calls.spawn(async move {
            // Nobody receives it only when all is about to end.
            let _ = ends.send(call.await).await;
        });
    }
}

impl Listener for Reader {
    fn log(&mut self, line: Line) {
        self.log.write(&line);
    }

    fn quiet(&mut self, all: Vec<Quiet>) {
        // Nobody receives it only when all is about to end.
        let _ = self.events.blocking_send(Event::Quiet(all));
    }
}
