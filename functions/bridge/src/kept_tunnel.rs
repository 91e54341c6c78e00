//! The tunnel in use, and a new one in its place when it has failed for good.

use std::sync::Arc;
use std::time::SystemTime;

use tailnet::{Options, Phases};
use tokio::sync::Mutex;

use crate::failure::Failure;
use crate::settings::Settings;
use crate::tunnel::Tunnel;

/// The way to Home Assistant for as long as the function lives.
#[derive(Debug)]
pub(crate) struct KeptTunnel {
    settings: Settings,
    options: Options,
    phases: Phases,
    current: Mutex<Option<Arc<Tunnel>>>,
}

impl KeptTunnel {
    /// Starts a first tunnel; if that fails, it is tried again when one is needed.
    pub(crate) fn start(settings: Settings, options: Options, phases: Phases) -> Self {
        if settings.no_verify_ssl {
            tracing::warn!("NO_VERIFY_SSL is on: any certificate is taken for that of Home Assistant");
        }
        let current = match Tunnel::start(&settings, &options, &phases) {
            Ok(tunnel) => Some(Arc::new(tunnel)),
            Err(failure) => {
                tracing::warn!("the way into the tailnet could not be opened: {}", failure.told());
                None
            }
        };
        Self { settings, options, phases, current: Mutex::new(current) }
    }

    /// Does `work` over the tunnel, and once more over a new one if tailscaled failed on the way: it was killed, or its
    /// node was forgotten while the function was frozen.
    ///
    /// What may have arrived is sent again only if it is `repeatable`.
    pub(crate) async fn over<T>(
        &self,
        repeatable: bool,
        work: impl AsyncFn(&Tunnel) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let tunnel = self.get().await?;
        // One that has never been up fails again for the same reason.
        let was_up = tunnel.is_up();
        let failure = match work(&tunnel).await {
            Err(failure) if was_up && failure.is_of_the_way(repeatable) => failure,
            done => return done,
        };
        if !tunnel.turns_out_failed().await {
            return Err(failure);
        }
        tracing::warn!("tailscaled failed and is started anew: {}", failure.told());
        drop(tunnel);
        work(&*self.get().await?).await
    }

    /// The tunnel, a new one if the last one has failed for good: its auth key or its end may have been repaired.
    pub(crate) async fn get(&self) -> Result<Arc<Tunnel>, Failure> {
        let mut current = self.current.lock().await;
        if let Some(tunnel) = current.as_ref().filter(|tunnel| !tunnel.is_failed()) {
            return Ok(tunnel.clone());
        }
        // Its tailscaled must be gone before a new one takes its socket.
        if let Some(failed) = current.take().and_then(Arc::into_inner) {
            failed.stop().await;
        }
        let tunnel = Arc::new(Tunnel::start(&self.settings, &self.options, &self.phases)?);
        *current = Some(tunnel.clone());
        Ok(tunnel)
    }

    /// Since when there is the auth key that the tunnel has, as far as that is known without waiting.
    pub(crate) fn key_written(&self) -> Option<SystemTime> {
        self.current.try_lock().ok()?.as_ref()?.key_written()
    }

    /// What it goes by.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Ends tailscaled, its node having left the tailnet.
    pub(crate) async fn stop(&self) {
        if let Some(tunnel) = self.current.lock().await.take().and_then(Arc::into_inner) {
            tunnel.stop().await;
        }
    }
}
