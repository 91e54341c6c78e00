//! Does what the core decides. Nothing is waited for here: calls and buttons run as tasks, whose ends are events.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;

use alexa::EndpointId;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::button::{self, ButtonError, ButtonSettings};
use crate::cloud::Cloud;
use crate::event::{Effect, Event};
use crate::keep::Keeper;
use crate::log::{Line, Log, Priority};
use crate::notify::Notifier;

/// Events that wait for the core. A task whose event finds no place waits with it; the kernel keeps edges meanwhile.
const WAITING: usize = 256;

/// Carries out effects.
pub(crate) struct Hands {
    /// What is called from now on.
    pub(crate) cloud: Arc<Cloud>,
    /// The log.
    pub(crate) log: Log,
    keeper: Keeper,
    notifier: Notifier,
    calls: JoinSet<()>,
    buttons: BTreeMap<EndpointId, JoinHandle<()>>,
    edges: mpsc::Sender<Event>,
    events: mpsc::Sender<Event>,
}

/// What happens to buttons, and what comes of effects.
pub(crate) struct Sources {
    /// Edges, and buttons that are watched or not. They come first, since they are older than they look.
    pub(crate) edges: mpsc::Receiver<Event>,
    /// All else.
    pub(crate) events: mpsc::Receiver<Event>,
}

impl Hands {
    /// Hands, and what comes of what they do.
    pub(crate) fn new(cloud: Cloud, log: Log, keeper: Keeper, notifier: Notifier) -> (Self, Sources) {
        let (edges, edges_received) = mpsc::channel(WAITING);
        let (events, events_received) = mpsc::channel(WAITING);
        let hands = Self {
            cloud: Arc::new(cloud),
            log,
            keeper,
            notifier,
            calls: JoinSet::new(),
            buttons: BTreeMap::new(),
            edges,
            events,
        };
        (hands, Sources { edges: edges_received, events: events_received })
    }

    /// Does, or begins, what is to be done.
    pub(crate) fn start(&mut self, effect: Effect) {
        // Calls that have ended are let go of.
        while self.calls.try_join_next().is_some() {}
        let cloud = Arc::clone(&self.cloud);
        match effect {
            Effect::Watch(bell, settings) => self.watch(bell, settings),
            Effect::Unwatch(bell) => self.unwatch(&bell),
            Effect::Keep(presses) => {
                if let Err(error) = self.keeper.keep(&presses) {
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
            Effect::Notify(notice) => {
                let told = self.notifier.tell(&notice);
                self.unheard(told);
            }
            Effect::Report(report) => self.log.write(&report.line()),
        }
    }

    /// Tells the service manager that all is well.
    pub(crate) fn tell_alive(&self) {
        self.unheard(self.notifier.tell_alive());
    }

    fn unheard(&self, told: std::io::Result<()>) {
        if let Err(error) = told {
            let line = Line::new(Priority::Warning, "the service manager does not listen");
            self.log.write(&line.field("why", error));
        }
    }

    fn call(&mut self, call: impl Future<Output = Event> + Send + 'static) {
        let events = self.events.clone();
        self.calls.spawn(async move {
            // Nobody receives it only when all is about to end.
            let _ = events.send(call.await).await;
        });
    }

    fn watch(&mut self, bell: EndpointId, settings: ButtonSettings) {
        let before = self.buttons.remove(&bell);
        let edges = self.edges.clone();
        let id = bell.clone();
        let task = tokio::spawn(async move {
            if let Some(before) = before {
                // A line has one user: it has to be free before it is taken again.
                before.abort();
                let _ = before.await;
            }
            let error = watch(&id, &settings, &edges).await;
            let _ = edges.send(Event::Unwatched(id, http_client::told(&error))).await;
        });
        self.buttons.insert(bell, task);
    }

    fn unwatch(&mut self, bell: &EndpointId) {
        if let Some(task) = self.buttons.remove(bell) {
            task.abort();
        }
    }
}

/// Passes on the edges of a button for as long as there are any, and says why there are no more.
async fn watch(id: &EndpointId, settings: &ButtonSettings, edges: &mpsc::Sender<Event>) -> ButtonError {
    let opened = button::open(settings).and_then(|mut button| Ok((button.level()?, button)));
    let (level, mut button) = match opened {
        Ok(opened) => opened,
        Err(error) => return error,
    };
    let mut event = Event::Watched(id.clone(), level);
    loop {
        if edges.send(event).await.is_err() {
            return ButtonError::Ended(id.to_string());
        }
        match poll_fn(|context| button.poll_edge(context)).await {
            Ok(edge) => event = Event::Edge(id.clone(), edge),
            Err(error) => return error,
        }
    }
}
