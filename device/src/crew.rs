//! The integrations at work, on threads of their own.
//!
//! The button's thread does nothing but hand over: an integration that computes for a second, or for ever, keeps neither a
//! press nor Alexa waiting.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::event::Event;
use crate::fanout::Errand;
use crate::integration::{Failure, Integration, IntegrationKind, IntegrationName};

/// So that one which computes for ever does not stop the others.
const THREADS: usize = 2;

/// Enough for every library in use; what is not touched takes no memory.
const STACK: usize = 1024 * 1024;

/// All integrations, by name.
pub(crate) struct Crew {
    integrations: BTreeMap<IntegrationName, Result<Arc<dyn Integration>, String>>,
    /// Always there, but for the end.
    runtime: Option<Runtime>,
}

impl Crew {
    /// Threads with nothing to do.
    ///
    /// # Errors
    /// When there are no threads to be had.
    pub(crate) fn new() -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(THREADS).thread_stack_size(STACK).thread_name("integrations").enable_all();
        Ok(Self { integrations: BTreeMap::new(), runtime: Some(builder.build()?) })
    }

    /// Begins an integration.
    ///
    /// # Errors
    /// When it cannot begin; whatever it is told fails then.
    pub(crate) fn equip(&mut self, name: IntegrationName, kind: &IntegrationKind) -> Result<(), String> {
        // The old one goes before the new one comes: both may want the same connection.
        self.integrations.remove(&name);
        let _guard = self.runtime.as_ref().map(Runtime::enter);
        let begun = kind.begin();
        let outcome = begun.as_ref().map(drop).map_err(Clone::clone);
        self.integrations.insert(name, begun);
        outcome
    }

    /// Uses an integration no more.
    pub(crate) fn unequip(&mut self, name: &IntegrationName) {
        let _guard = self.runtime.as_ref().map(Runtime::enter);
        self.integrations.remove(name);
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
        // Whatever still hangs must not hold back the end.
        if let Some(runtime) = self.runtime.take() {
            {
                let _guard = runtime.enter();
                self.integrations.clear();
            }
            runtime.shutdown_background();
        }
    }
}
