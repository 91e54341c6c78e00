//! Which environment answers an invocation: the function's first, or the one whose number the caller gives. Each is kept
//! frozen between invocations, and replaced when the function changed, when it ended, or when its credentials are about
//! to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::{Client, redirect};
use serde::Serialize;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::cloudwatch::{self, CloudWatch};
use crate::emulator::Emulator;
use crate::environment::answer::Answer;
use crate::environment::number::Number;
use crate::environment::{Environment, Launch};
use crate::failure::InvokeError;
use crate::function::FunctionConfiguration;
use crate::image::Images;
use crate::settings::Settings;

/// How many invocations of one environment may be under way: one runs, the others wait.
const LARGEST_QUEUE: usize = 32;
/// What the caller gets of the log, as from Lambda.
const LOG_RESULT: u64 = 4096;
/// How long the runner's own end waits for an invocation under way.
const LAST_INVOCATION: Duration = Duration::from_secs(2);

/// All functions, and what they need.
pub struct Functions {
    settings: Settings,
    emulator: Emulator,
    images: Images,
    client: Client,
    cloudwatch: CloudWatch,
    places: Mutex<HashMap<(String, Number), Arc<Place>>>,
}

/// Where one environment of a function is, or will be.
struct Place {
    turns: Semaphore,
    environment: tokio::sync::Mutex<Option<Environment>>,
    listed: Mutex<Option<Listed>>,
}

/// An environment, as `GET /environments` shows it. Times are milliseconds since 1970, UTC.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// The function's name.
    pub function: String,
    /// Which of its environments.
    pub number: Number,
    /// Killing this process ends the whole environment.
    pub pid: Option<u32>,
    /// What it runs.
    pub image_digest: String,
    /// When it was started.
    pub started: u64,
    /// Since when it is frozen; absent while it answers.
    pub frozen_since: Option<u64>,
    /// How many invocations it answered.
    pub invocations: u64,
}

/// The answer to an invocation.
pub struct Invoked {
    /// What the function, or Lambda in its place, says.
    pub answer: Answer,
    /// The end of what was logged meanwhile.
    pub log: Vec<u8>,
    /// The version that ran.
    pub version: String,
    /// Where the time went.
    pub phases: Phases,
}

/// Where the time of an invocation went; a phase that did not happen is absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Phases {
    /// Asking the emulator what the function is.
    pub configuration: Duration,
    /// Waiting for others.
    pub queue: Duration,
    /// Waking the environment.
    pub thaw: Option<Duration>,
    /// Getting credentials and the image.
    pub prepare: Option<Duration>,
    /// Starting an environment.
    pub start: Option<Duration>,
    /// From the event's way in to the answer's way out.
    pub invoke: Duration,
}

impl Functions {
    /// No function yet; makes the state folder ready. Must be called within a runtime.
    pub fn new(settings: Settings) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let emulator = Emulator::new(&settings)?;
        let images = Images::open(&settings.state)?;
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build()?;
        let cloudwatch = CloudWatch::start(&settings);
        Ok(Self { settings, emulator, images, client, cloudwatch, places: Mutex::default() })
    }

    /// Invokes a function, whose name must have been checked. It runs to its end even when the caller goes away.
    pub async fn invoke(
        self: &Arc<Self>,
        name: &str,
        number: Number,
        event: Vec<u8>,
    ) -> Result<Invoked, InvokeError> {
        let begin = Instant::now();
        let configuration = self.emulator.function(name).await??;
        let phases = Phases { configuration: begin.elapsed(), ..Phases::default() };
        let place = self.place(name, number);
        let (reply, replied) = oneshot::channel();
        let functions = Arc::clone(self);
        tokio::spawn(async move {
            match place.turns.try_acquire() {
                Ok(_turn) => functions.run(&place, configuration, number, event, phases, reply).await,
                // When nobody waits for the reply any more, there is nobody to tell.
                Err(_full) => drop(reply.send(Err(InvokeError::TooMany(LARGEST_QUEUE - 1)))),
            }
        });
        replied.await.unwrap_or(Err(InvokeError::Ending))
    }

    /// Ends a function's environments in order, each after the invocation under way; says whether there was one.
    pub async fn retire(&self, name: &str) -> bool {
        let places = self.places_where(|function| function == name);
        let ends = places.iter().map(async |place| {
            let environment = place.environment.lock().await.take();
            place.list(None);
            let Some(mut environment) = environment else { return false };
            let was_alive = environment.is_alive();
            environment.terminate().await;
            was_alive
        });
        futures_util::future::join_all(ends).await.contains(&true)
    }

    /// All environments, by function.
    pub fn list(&self) -> Vec<Listed> {
        let places = self.places_where(|_| true);
        let mut listed: Vec<_> = places.iter().filter_map(|place| lock(&place.listed).clone()).collect();
        listed.sort_by(|one, other| (&one.function, one.number).cmp(&(&other.function, other.number)));
        listed
    }

    /// Ends every environment in order, all at the same time. One that is still busy ends with the runner.
    pub async fn end(&self) {
        let places = self.places_where(|_| true);
        let ends = places.iter().map(async |place| {
            if let Ok(mut slot) = timeout(LAST_INVOCATION, place.environment.lock()).await
                && let Some(environment) = slot.take()
            {
                environment.terminate().await;
            }
        });
        futures_util::future::join_all(ends).await;
    }

    fn place(&self, name: &str, number: Number) -> Arc<Place> {
        Arc::clone(lock(&self.places).entry((name.to_owned(), number)).or_insert_with(|| {
            Arc::new(Place {
                turns: Semaphore::new(LARGEST_QUEUE),
                environment: tokio::sync::Mutex::new(None),
                listed: Mutex::new(None),
            })
        }))
    }

    fn places_where(&self, wanted: impl Fn(&str) -> bool) -> Vec<Arc<Place>> {
        let places = lock(&self.places);
        places
            .iter()
            .filter(|((function, _), _)| wanted(function))
            .map(|(_, place)| Arc::clone(place))
            .collect()
    }

    /// One invocation, from its turn in the queue until the environment is frozen again.
    async fn run(
        &self,
        place: &Place,
        configuration: FunctionConfiguration,
        number: Number,
        event: Vec<u8>,
        mut phases: Phases,
        reply: oneshot::Sender<Result<Invoked, InvokeError>>,
    ) {
        let begin = Instant::now();
        let mut slot = place.environment.lock().await;
        phases.queue = begin.elapsed();
        let mut environment = match self.ready(place, slot.take(), configuration, number, &mut phases).await {
            Ok(environment) => environment,
            Err(error) => return drop(reply.send(Err(error))),
        };
        let begin = Instant::now();
        let log_start = environment.log().end();
        let answer = environment.invoke(event).await;
        phases.invoke = begin.elapsed();
        let (log, ends) = (environment.log().tail(log_start, LOG_RESULT), answer.ends_environment);
        let version = environment.configuration.version.clone();
        // The caller does not wait for the freeze, only the next invocation does.
        drop(reply.send(Ok(Invoked { answer, log, version, phases })));
        self.cloudwatch.pass_on(environment.logged(log_start, cloudwatch::LARGEST));
        if ends || environment.freeze().await.is_err() {
            place.list(None);
            environment.kill().await;
        } else {
            place.answered();
            *slot = Some(environment);
        }
    }

    /// The environment there is, thawed, when it still fits; else a new one.
    async fn ready(
        &self,
        place: &Place,
        existing: Option<Environment>,
        configuration: FunctionConfiguration,
        number: Number,
        phases: &mut Phases,
    ) -> Result<Environment, InvokeError> {
        let name = &configuration.name;
        if let Some(mut environment) = existing {
            let begin = Instant::now();
            match unfit(&mut environment, &configuration, SystemTime::now()) {
                None if environment.thaw().await.is_ok() => {
                    phases.thaw = Some(begin.elapsed());
                    place.thawed();
                    return Ok(environment);
                }
                None | Some(Unfit::Ended) => {
                    tracing::warn!(function = name, "environment has ended, starting another");
                    environment.kill().await;
                }
                Some(reason @ (Unfit::Changed | Unfit::Expiring)) => {
                    tracing::info!(function = name, ?reason, "replacing the environment");
                    environment.terminate().await;
                }
            }
            place.list(None);
        }
        let begin = Instant::now();
        let credentials = self.emulator.assume_role(&configuration.role, name).await?;
        let image = self.images.get(&self.emulator, &configuration.image, configuration.architecture).await?;
        phases.prepare = Some(begin.elapsed());
        let begin = Instant::now();
        let environment = Environment::start(&Launch {
            settings: &self.settings,
            endpoint: self.emulator.endpoint(),
            client: &self.client,
            configuration: &configuration,
            number,
            image: &image,
            credentials: &credentials,
        })
        .await?;
        phases.start = Some(begin.elapsed());
        tracing::info!(function = name, image = %configuration.image, elapsed_ms = begin.elapsed().as_millis(), "environment started");
        place.list(Some(Listed {
            function: name.clone(),
            number,
            pid: environment.pid(),
            image_digest: configuration.image.digest.to_string(),
            started: milliseconds(SystemTime::now()),
            frozen_since: None,
            invocations: 0,
        }));
        Ok(environment)
    }
}

impl Place {
    fn list(&self, listed: Option<Listed>) {
        *lock(&self.listed) = listed;
    }

    fn thawed(&self) {
        if let Some(listed) = lock(&self.listed).as_mut() {
            listed.frozen_since = None;
        }
    }

    fn answered(&self) {
        if let Some(listed) = lock(&self.listed).as_mut() {
            listed.frozen_since = Some(milliseconds(SystemTime::now()));
            listed.invocations += 1;
        }
    }
}

/// Why an environment is not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unfit {
    /// Its processes have ended.
    Ended,
    /// The function has another image or configuration.
    Changed,
    /// Its credentials end soon, and a running process cannot be given others.
    Expiring,
}

fn unfit(
    environment: &mut Environment,
    configuration: &FunctionConfiguration,
    now: SystemTime,
) -> Option<Unfit> {
    if !environment.is_alive() {
        Some(Unfit::Ended)
    } else if environment.configuration != *configuration {
        Some(Unfit::Changed)
    } else if !environment.has_fresh_credentials(now) {
        Some(Unfit::Expiring)
    } else {
        None
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What these locks guard is whole after every statement, so a panic elsewhere is no reason to stop.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
