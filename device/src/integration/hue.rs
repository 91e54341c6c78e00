//! `[[hue]]`: lamps of a Philips Hue Bridge flash, and are afterwards as they were.
//!
//! The press is done with as soon as they flash. What comes after that is a task of its own, which no deadline ends; and
//! when the daemon ends or gets other settings, they are put back at once.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_client::told;
use hue::{Bridge, BridgeSettings, FlashReport, FlashSettings, Flasher, SystemClock, Wanted};
use tokio::sync::oneshot;

use super::{Done, Failure, Integration, LEAVING, Occasion, Told};
use crate::backoff::Random;
use crate::clock::Monotonic;

/// What flashes, and on which bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HueSettings {
    /// `address`, `certificate`, and `key` of the secrets.
    pub bridge: BridgeSettings,
    /// `lights`, `rooms` and `scene`.
    pub wanted: Wanted,
    /// `seconds`.
    pub flash: FlashSettings,
}

impl HueSettings {
    /// Whether the bridge knows what is to flash.
    pub(super) async fn check(&self) -> Result<String, String> {
        let lamps = Hue::of(self.clone())?;
        let names = lamps.flasher.prepare().await.map_err(|error| told(&error))?;
        Ok(format!("{} can flash", names.join(", ")))
    }
}

/// Lamps that flash.
#[derive(Debug)]
pub struct Hue {
    flasher: Arc<Flasher>,
    /// Lamps that could not be put back after the latest flash.
    left: Arc<Mutex<Vec<String>>>,
}

impl Hue {
    /// Flashes what `settings` say. The bridge is asked for it in the meantime, so that the first press need not wait.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: HueSettings) -> Result<Self, String> {
        let lamps = Self::of(settings)?;
        let flasher = Arc::clone(&lamps.flasher);
        // What is wrong is told at a press, and by `check`.
        tokio::spawn(async move { drop(flasher.prepare().await) });
        Ok(lamps)
    }

    fn of(settings: HueSettings) -> Result<Self, String> {
        let HueSettings { bridge, wanted, flash } = settings;
        let bridge = Bridge::new(bridge, Arc::new(SystemClock), jitter).map_err(|error| told(&error))?;
        Ok(Self { flasher: Arc::new(Flasher::new(bridge, wanted, flash)), left: Arc::default() })
    }

    /// Begins a flash as a task, and waits until the lamps do.
    async fn flash(&self) -> Result<Done, Failure> {
        let (begun, has_begun) = oneshot::channel();
        let (flasher, left) = (Arc::clone(&self.flasher), Arc::clone(&self.left));
        tokio::spawn(async move {
            match flasher.start().await {
                Ok(flash) => {
                    // Nobody listens any more when it took too long; the lamps flash all the same.
                    let _ = begun.send(Ok(flash.report.clone()));
                    let report = flash.finish().await;
                    *left.lock().unwrap_or_else(PoisonError::into_inner) = report.left;
                }
                Err(error) => drop(begun.send(Err(error))),
            }
        });
        let ended = |_| Failure::Lasting("the daemon ends".to_owned());
        match has_begun.await.map_err(ended)? {
            Ok(report) => Ok(Done::new(summary(&report, &self.left()))),
            Err(error) if error.is_lasting() => Err(Failure::Lasting(told(&error))),
            Err(error) => Err(Failure::Passing(told(&error))),
        }
    }

    fn left(&self) -> Vec<String> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Integration for Hue {
    fn tell(self: Arc<Self>, _: Occasion) -> Told {
        Box::pin(async move { self.flash().await })
    }

    fn leave(self: Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move { drop(self.flasher.restore(Instant::now() + LEAVING).await) })
    }
}

fn summary(report: &FlashReport, left: &[String]) -> String {
    let mut told = format!("{} flashed", report.flashed.join(", "));
    for (name, why) in &report.missed {
        told += &format!("; {name} did not: {why}");
    }
    if !left.is_empty() {
        told += &format!("; {} could not be put back after the flash before", left.join(", "));
    }
    told
}

/// Three quarters of a pause, or up to a quarter more.
fn jitter(longest: Duration) -> Duration {
    Random::new(Monotonic::now().as_nanos()).shortened(longest)
}
