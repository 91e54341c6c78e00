//! Does what the core decides. Nothing is waited for here: calls run as tasks, whose ends are events.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::buttons::Buttons;
use crate::cloud::Cloud;
use crate::crew::Crew;
use crate::event::{Effect, Event};
use crate::keep::Keeper;
use crate::log::{Line, Log, Priority};
use crate::notify::Notifier;

/// Ends of calls that wait for the core. A call whose end finds no place waits with it.
const WAITING: usize = 64;

/// Carries out effects, and tells what comes of them.
pub(crate) struct Hands {
    /// What is called from now on.
    pub(crate) cloud: Arc<Cloud>,
    /// The log.
    pub(crate) log: Log,
    keeper: Keeper,
    notifier: Notifier,
    buttons: Buttons,
    crew: Crew,
    calls: JoinSet<()>,
    ends: (mpsc::Sender<Event>, mpsc::Receiver<Event>),
}

impl Hands {
    pub(crate) fn new(cloud: Cloud, log: Log, keeper: Keeper, notifier: Notifier, crew: Crew) -> Self {
        Self {
            cloud: Arc::new(cloud),
            log,
            keeper,
            notifier,
            buttons: Buttons::default(),
            crew,
            calls: JoinSet::new(),
            ends: mpsc::channel(WAITING),
        }
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
            Effect::Equip(name, kind) => {
                if let Err(why) = self.crew.equip(name.clone(), &kind) {
                    let line = Line::new(Priority::Error, "an integration cannot begin");
                    self.log.write(&line.field("integration", name).field("why", why));
                }
            }
            Effect::Unequip(name) => self.crew.unequip(&name),
            Effect::Tell(errand) => {
                let told = self.crew.tell(*errand);
                self.call(told);
            }
            Effect::Record(_) => {}
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
        let ends = self.ends.0.clone();
        self.calls.spawn(async move {
            // Nobody receives it only when all is about to end.
            let _ = ends.send(call.await).await;
        });
    }
}
