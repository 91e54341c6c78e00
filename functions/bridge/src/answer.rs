//! A directive in, an Alexa event out: always, and before the deadline.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use serde_json::value::RawValue;
use tailnet::{Options, Phases};
use tokio::sync::Mutex;
use tokio::time::timeout_at;

use crate::alexa_event::AlexaEvent;
use crate::directive::Directive;
use crate::failure::Failure;
use crate::log::DirectiveLog;
use crate::settings::Settings;
use crate::tunnel::Tunnel;

/// Most bytes of an event that is forwarded. A directive has a few hundred, and a token.
const DIRECTIVE_LIMIT: usize = 256 * 1024;

/// The function, from its start to its end.
#[derive(Debug)]
pub struct Bridge {
    settings: Settings,
    options: Options,
    phases: Phases,
    tunnel: Mutex<Option<Arc<Tunnel>>>,
    answered: AtomicBool,
}

/// An Alexa event, and what is to be logged about it.
#[derive(Debug)]
pub struct Answer {
    /// What goes back to Alexa.
    pub event: AlexaEvent,
    /// What happened.
    pub log: DirectiveLog,
}

impl Bridge {
    /// Starts tailscaled, before there is any directive.
    ///
    /// If that fails, it is tried again for the next directive, which is answered with the reason if it fails again.
    /// Must be called within a Tokio runtime.
    pub fn start(settings: Settings, options: Options, phases: Phases) -> Self {
        if settings.no_verify_ssl {
            tracing::warn!("NO_VERIFY_SSL is on: any certificate is taken for that of Home Assistant");
        }
        let tunnel = match Tunnel::start(&settings, &options, &phases) {
            Ok(tunnel) => Some(Arc::new(tunnel)),
            Err(failure) => {
                tracing::warn!("the way into the tailnet could not be opened: {}", failure.told());
                None
            }
        };
        Self { settings, options, phases, tunnel: Mutex::new(tunnel), answered: AtomicBool::new(false) }
    }

    /// Answers `event`, the whole event of an invocation, by the deadline.
    pub async fn answer(&self, event: Bytes, deadline: Instant) -> Answer {
        let begun = Instant::now();
        let cold = !self.answered.swap(true, Ordering::Relaxed);
        let directive = Directive::read(&event);
        // Each step of the way says itself that it is late; this is for the ends of one that has failed.
        let asked = timeout_at(deadline.into(), self.ask(&directive, event, deadline)).await;
        let (event, failure) = match asked.unwrap_or(Err(Failure::Late("a new way into the tailnet"))) {
            Ok(reply) => (AlexaEvent::Forwarded(reply), None),
            Err(failure) => (AlexaEvent::about(&failure, &directive), Some(failure)),
        };
        let log = DirectiveLog::new(&directive, failure.as_ref(), cold, begun.elapsed(), self.phases.take());
        Answer { event, log }
    }

    /// Ends tailscaled, its node having left the tailnet.
    pub async fn stop(&self) {
        if let Some(tunnel) = self.tunnel.lock().await.take().and_then(Arc::into_inner) {
            tunnel.stop().await;
        }
    }

    async fn ask(
        &self,
        directive: &Directive,
        bytes: Bytes,
        deadline: Instant,
    ) -> Result<Box<RawValue>, Failure> {
        directive.check()?;
        if bytes.len() > DIRECTIVE_LIMIT {
            return Err(Failure::Oversized(bytes.len()));
        }
        let tunnel = self.tunnel().await?;
        tunnel.ask(directive, bytes, deadline).await
    }

    /// The tunnel, a new one if the last one has failed for good: its auth key or its end may have been repaired.
    async fn tunnel(&self) -> Result<Arc<Tunnel>, Failure> {
        let mut current = self.tunnel.lock().await;
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
}
