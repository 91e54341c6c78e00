//! A camera's stream kept ready, whatever happens to it.

mod connection;
mod moments;
mod state;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;

use crate::address::{Address, Credentials};
use crate::decode::Decoder;
use crate::error::Why;
use crate::ring::Ring;
use crate::unit::AccessUnit;
use connection::Connection;
pub use state::State;

/// How many bytes of a stream are kept: eight seconds at 4 Mbit/s.
const KEPT: usize = 4 << 20;

/// How long a camera is left alone that refuses the credentials: some lock out whoever comes with wrong ones again.
const AFTER_REFUSAL: Duration = Duration::from_secs(300);

/// A camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Camera {
    /// Where it is.
    pub address: Address,
    /// As whom it is asked; absent for one that asks for nobody.
    pub credentials: Option<Credentials>,
}

/// What reads the clock that frames are dated by, and moments given in: the time since the machine started.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
    /// A clock that reads what `now` gives.
    pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    fn now(&self) -> Duration {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({:?})", self.now())
    }
}

/// A camera's stream, kept ready until this is dropped.
///
/// It keeps the frames since the last keyframe and those since the one before, in at most 4 MB. If those since the last
/// are more than that by themselves, the rest until the next keyframe is not kept.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    clock: Clock,
    decoder: Decoder,
    /// One picture is made at a time: each takes a process of tens of megabytes.
    decoding: Semaphore,
    _supervisor: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    ring: Mutex<Ring>,
    /// Changes with every frame.
    frames: watch::Sender<()>,
    state: watch::Sender<State>,
}

impl Session {
    /// Connects to `camera`, and connects again whenever the stream ends, after `pause` for so many failures in a row.
    ///
    /// Must be called within a Tokio runtime.
    #[must_use]
    pub fn start(
        camera: Camera,
        decoder: Decoder,
        clock: Clock,
        pause: impl FnMut(u32) -> Duration + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            ring: Mutex::new(Ring::new(KEPT)),
            frames: watch::Sender::new(()),
            state: watch::Sender::new(State::Connecting),
        });
        let mut supervisor = JoinSet::new();
        supervisor.spawn(supervise(camera, Arc::clone(&shared), clock.clone(), pause));
        Self { shared, clock, decoder, decoding: Semaphore::new(1), _supervisor: supervisor }
    }

    /// How the connection is, now and from now on.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.shared.state.subscribe()
    }
}

impl Shared {
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn supervise(
    camera: Camera,
    shared: Arc<Shared>,
    clock: Clock,
    mut pause: impl FnMut(u32) -> Duration,
) {
    let mut failures = 0_u32;
    loop {
        shared.state.send_replace(State::Connecting);
        // A task of its own, so that a stream that the library stumbles over ends nothing else.
        let mut connection = JoinSet::new();
        connection.spawn(follow(camera.clone(), Arc::clone(&shared), clock.clone()));
        let why = match connection.join_next().await {
            Some(Ok(why)) => why,
            Some(Err(error)) => Why::Broken(stumbled(error)),
            None => return,
        };
        let was_ready = matches!(*shared.state.borrow(), State::Ready { .. });
        failures = if was_ready { 1 } else { failures.saturating_add(1) };
        let rest = if matches!(why, Why::Refused(_)) { AFTER_REFUSAL } else { pause(failures) };
        shared.ring().cut();
        shared.state.send_replace(State::Down { why });
        sleep(rest).await;
    }
}

/// Takes what one connection brings until it ends, and says why it did.
async fn follow(camera: Camera, shared: Arc<Shared>, clock: Clock) -> Why {
    let mut connection = match Connection::open(&camera).await {
        Ok(connection) => connection,
        Err(why) => return why,
    };
    let mut is_ready = false;
    loop {
        let frame = match connection.next().await {
            Ok(frame) => frame,
            Err(why) => return why,
        };
        let arrived = clock.now();
        let (is_key, is_disposable) = (frame.is_random_access_point(), frame.is_disposable());
        shared.ring().push(AccessUnit { arrived, is_key, is_disposable, data: frame.into_data().into() });
        shared.frames.send_replace(());
        if is_key && !is_ready {
            is_ready = true;
            let (size, fps) = connection.shape();
            let (width, height) = size.unzip();
            shared.state.send_replace(State::Ready { since: arrived, width, height, fps });
        }
    }
}

fn stumbled(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(cause) => {
            let text = cause.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or_default();
            format!("the stream cannot be followed: {text}")
        }
        Err(error) => error.to_string(),
    }
}
