//! Lights that flash, and are afterwards as they were.

mod overlap;
mod restore;
mod signals;

use std::sync::Arc;
use std::time::Duration;

use hue::fake::{FakeBridge, PlayedClock};
use hue::{Bridge, FlashReport, FlashSettings, Flasher, HueError, Wanted};
use serde_json::Value;
use tokio::task::JoinHandle;

/// A bridge, its lights, and what flashes them.
struct House {
    fake: FakeBridge,
    clock: PlayedClock,
    flasher: Arc<Flasher>,
}

impl House {
    /// Flashes what is wanted for ten seconds.
    async fn new(wanted: Wanted) -> Self {
        let clock = PlayedClock::new();
        let fake = FakeBridge::start(Arc::new(clock.clone())).await;
        let bridge = Bridge::new(fake.settings(), Arc::new(clock.clone()), |longest| longest).expect("tls");
        let settings = FlashSettings::new(10).expect("ten seconds");
        Self { fake, clock, flasher: Arc::new(Flasher::new(bridge, wanted, settings)) }
    }

    /// Flashes from the beginning to the end.
    async fn flash(&self) -> Result<FlashReport, HueError> {
        Ok(self.flasher.clone().start().await?.finish().await)
    }

    /// The same, beside what else happens.
    fn flash_meanwhile(&self) -> JoinHandle<Result<FlashReport, HueError>> {
        let flasher = self.flasher.clone();
        tokio::spawn(async move { Ok(flasher.start().await?.finish().await) })
    }

    fn look(&self, names: &[&str]) -> Vec<Value> {
        names.iter().map(|name| self.fake.light(name)).collect()
    }
}

fn lights(names: &[&str]) -> Wanted {
    Wanted { lights: names.iter().map(ToString::to_string).collect(), ..Wanted::default() }
}

fn rooms(names: &[&str]) -> Wanted {
    Wanted { rooms: names.iter().map(ToString::to_string).collect(), ..Wanted::default() }
}

fn scene(name: &str) -> Wanted {
    Wanted { scene: Some(name.to_owned()), ..Wanted::default() }
}

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
