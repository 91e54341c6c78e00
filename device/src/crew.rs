//! The integrations at work, on threads of their own.
//!
//! The button's thread does nothing but hand over: an integration that computes for a second, or for ever, keeps neither a
//! press nor Alexa waiting.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, mpsc};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::core::Health;
use crate::event::Event;
use crate::fanout::Errand;
use crate::integration::{Failure, Integration, IntegrationKind, IntegrationName, LEAVING};

/// So that one which computes for ever does not stop the others.
const THREADS: usize = 2;

/// Enough for every library in use; what is not touched takes no memory.
const STACK: usize = 1024 * 1024;

/// All integrations, by name.
pub(crate) struct Crew {
    integrations: BTreeMap<IntegrationName, Result<Arc<dyn Integration>, String>>,
    /// How the daemon is, for those who tell of it.
    health: watch::Receiver<Health>,
    /// Always there, but for the end.
    runtime: Option<Runtime>,
}

impl Crew {
    /// Threads with nothing to do.
    ///
    /// # Errors
    /// When there are no threads to be had.
    pub(crate) fn new(health: watch::Receiver<Health>) -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(THREADS).thread_stack_size(STACK).thread_name("integrations").enable_all();
        Ok(Self { integrations: BTreeMap::new(), health, runtime: Some(builder.build()?) })
    }

    /// Begins an integration.
    ///
    /// # Errors
    /// When it cannot begin; whatever it is told fails then.
    pub(crate) fn equip(&mut self, name: IntegrationName, kind: &IntegrationKind) -> Result<(), String> {
        // The old one begins to leave before the new one comes: both may want the same connection.
        self.unequip(&name);
        let _guard = self.runtime.as_ref().map(Runtime::enter);
        self.take(name, kind.begin(&self.health))
    }

    fn take(
        &mut self,
        name: IntegrationName,
        begun: Result<Arc<dyn Integration>, String>,
    ) -> Result<(), String> {
        let outcome = begun.as_ref().map(drop).map_err(Clone::clone);
        self.integrations.insert(name, begun);
        outcome
    }

    /// Uses an integration no more.
    pub(crate) fn unequip(&mut self, name: &IntegrationName) {
        if let (Some(runtime), Some(Ok(integration))) = (&self.runtime, self.integrations.remove(name)) {
            runtime.spawn(leave(integration));
        }
    }

    /// Tells an integration, and then what came of it.
    pub(crate) fn tell(&self, errand: Errand) -> impl Future<Output = Event> + use<> {
        let Errand { job, integration: name, occasion, time } = errand;
        let integration = self.integrations.get(&name).cloned();
        let integration = integration.unwrap_or_else(|| Err("it is gone".to_owned()));
        let task = integration.and_then(|integration| {
            let runtime = self.runtime.as_ref().ok_or("the daemon ends")?;
            Ok(runtime.spawn(async move { timeout(time, integration.tell(occasion)).await }))
        });
        async move {
            let result = match task {
                Err(why) => Err(Failure::Lasting(why)),
                Ok(task) => match task.await {
                    Ok(Ok(result)) => result,
                    Ok(Err(_)) => {
                        Err(Failure::Passing(format!("it did not end within {:.1} s", time.as_secs_f64())))
                    }
                    Err(error) => Err(Failure::Lasting(format!("it has a bug: {error}"))),
                },
            };
            Event::Told(name, job, result)
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        let (leaving, all_have_left) = mpsc::channel::<()>();
        for integration in std::mem::take(&mut self.integrations).into_values().flatten() {
            let leaving = leaving.clone();
            runtime.spawn(async move {
                leave(integration).await;
                drop(leaving);
            });
        }
        drop(leaving);
        // Nothing is ever sent: it ends when the last one has left. Whatever still hangs must not hold back the end.
        let _ = all_have_left.recv_timeout(LEAVING);
        runtime.shutdown_background();
    }
}

/// Lets an integration put back what it has begun. It is dropped here as well, where it can still begin something.
async fn leave(integration: Arc<dyn Integration>) {
    let _ = timeout(LEAVING, integration.leave()).await;
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::time::Duration;

    use super::*;
    use crate::announce::PressId;
    use crate::clock::Monotonic;
    use crate::fanout::JobId;
    use crate::integration::{Done, Occasion, Told, Visit};

    /// One that does what a bad one does.
    #[derive(Debug)]
    enum Bad {
        Panics,
        Waits,
        /// Until the channel's other end is gone.
        Computes(std::sync::Mutex<std::sync::mpsc::Receiver<()>>),
        Works,
        /// Puts something back, and says so.
        Leaves(std::sync::mpsc::Sender<()>),
    }

    impl Integration for Bad {
        fn tell(self: Arc<Self>, _: Occasion) -> Told {
            Box::pin(async move {
                match &*self {
                    Self::Panics => panic!("on purpose"),
                    Self::Waits => std::future::pending().await,
                    Self::Computes(until) => drop(until.lock().map(|until| until.recv())),
                    Self::Works | Self::Leaves(_) => {}
                }
                Ok(Done::new("worked"))
            })
        }

        fn leave(self: Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(async move {
                if let Self::Leaves(left) = &*self {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    left.send(()).expect("somebody waits");
                }
            })
        }
    }

    fn name(name: &str) -> IntegrationName {
        IntegrationName::parse(name).expect("a name")
    }

    fn errand(integration: &str, milliseconds: u64) -> Errand {
        let bell = alexa::EndpointId::parse("front-door").expect("an id");
        let press = PressId { edge: Monotonic::default(), bell };
        let occasion = Occasion::Press(Visit { press, bell: String::new(), at: None, is_trial: false });
        let time = Duration::from_millis(milliseconds);
        Errand { job: JobId::default(), integration: name(integration), occasion, time }
    }

    fn crew(all: Vec<(&str, Result<Bad, &str>)>) -> Crew {
        let mut crew = Crew::new(watch::channel(Health::default()).1).expect("threads");
        for (who, begun) in all {
            let begun = begun.map(|bad| Arc::new(bad) as Arc<dyn Integration>).map_err(str::to_owned);
            let _ = crew.take(name(who), begun);
        }
        crew
    }

    async fn told(crew: &Crew, integration: &str, milliseconds: u64) -> Result<Done, Failure> {
        let Event::Told(_, _, result) = crew.tell(errand(integration, milliseconds)).await else {
            panic!("it is told")
        };
        result
    }

    #[tokio::test]
    async fn one_that_panics_or_hangs_or_is_not_there_fails_and_the_others_work() {
        let crew = crew(vec![
            ("panics", Ok(Bad::Panics)),
            ("waits", Ok(Bad::Waits)),
            ("absent", Err("it has no camera")),
            ("works", Ok(Bad::Works)),
        ]);
        let failure = told(&crew, "panics", 1000).await.expect_err("it panics");
        assert!(failure.told().starts_with("it has a bug: "), "{failure:?}");
        let late = Failure::Passing("it did not end within 0.1 s".to_owned());
        assert_eq!(told(&crew, "waits", 100).await, Err(late));
        let absent = Failure::Lasting("it has no camera".to_owned());
        assert_eq!(told(&crew, "absent", 100).await, Err(absent));
        assert_eq!(told(&crew, "works", 10_000).await, Ok(Done::new("worked")));
    }

    #[tokio::test]
    async fn all_put_back_what_they_have_begun_when_it_ends_or_they_are_used_no_more() {
        let (left, leavers) = std::sync::mpsc::channel();
        let leaver = || Ok(Bad::Leaves(left.clone()));
        let mut crew = crew(vec![("one", leaver()), ("two", leaver()), ("waits", Ok(Bad::Waits))]);
        crew.unequip(&name("one"));
        leavers.recv_timeout(Duration::from_secs(10)).expect("the first has left");
        drop(crew);
        leavers.try_recv().expect("the second has left before the end");
    }

    #[tokio::test]
    async fn one_that_computes_for_ever_stops_neither_the_others_nor_the_end() {
        let (until, receiver) = std::sync::mpsc::channel();
        let crew = crew(vec![("computes", Ok(Bad::Computes(receiver.into()))), ("works", Ok(Bad::Works))]);
        let computing = crew.tell(errand("computes", 1000));
        assert_eq!(told(&crew, "works", 10_000).await, Ok(Done::new("worked")));
        drop(crew);
        drop(until);
        drop(computing);
    }
}
