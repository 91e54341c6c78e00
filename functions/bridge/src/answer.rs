//! A directive in, an Alexa event out: always, and before the deadline.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

use alexa::{BearerToken, Directive};
use bytes::Bytes;
use serde_json::value::RawValue;
use tailnet::{Options, Phases};
use tokio::time::timeout_at;

use crate::doctor::{Examination, Patient};
use crate::failure::Failure;
use crate::kept_tunnel::KeptTunnel;
use crate::log::DirectiveLog;
use crate::repeat::is_safe_to_repeat;
use crate::reply::Reply;
use crate::settings::Settings;
use crate::tunnel::Tunnel;
use crate::warm::Warmed;

/// Most bytes of an event that is forwarded. A directive has a few hundred, and a token.
const DIRECTIVE_LIMIT: usize = 256 * 1024;

/// The function, from its start to its end.
#[derive(Debug)]
pub struct Bridge {
    tunnel: KeptTunnel,
    phases: Phases,
    answered: AtomicBool,
}

/// An Alexa event, and what is to be logged about it.
#[derive(Debug)]
pub struct Answer {
    /// What goes back to Alexa.
    pub event: Reply,
    /// What happened.
    pub log: DirectiveLog,
}

impl Bridge {
    /// Starts tailscaled, before there is any directive.
    ///
    /// If that fails, it is tried again for the next directive, which is answered with the reason if it fails again.
    /// Must be called within a Tokio runtime.
    pub fn start(settings: Settings, options: Options, phases: Phases) -> Self {
        let tunnel = KeptTunnel::start(settings, options, phases.clone());
        Self { tunnel, phases, answered: AtomicBool::new(false) }
    }

    /// Answers `event`, the whole event of an invocation, by the deadline.
    pub async fn answer(&self, event: Bytes, deadline: Instant) -> Answer {
        let begun = Instant::now();
        let cold = !self.answered.swap(true, Ordering::Relaxed);
        let directive = Directive::read(&event);
        // Each step of the way says itself that it is late; this is for the ends of one that has failed.
        let asked = timeout_at(deadline.into(), self.ask(&directive, event, deadline)).await;
        let (event, failure) = match asked.unwrap_or(Err(Failure::Late("a new way into the tailnet"))) {
            Ok(reply) => (Reply::Forwarded(reply), None),
            Err(failure) => (Reply::about(&failure, &directive), Some(failure)),
        };
        let mut log =
            DirectiveLog::new(&directive, failure.as_ref(), cold, begun.elapsed(), self.phases.take());
        log.key_written = self.tunnel.key_written();
        Answer { event, log }
    }

    /// Has the tunnel up for the next directive, by the deadline at the latest.
    pub async fn warm(&self, deadline: Instant) -> Warmed {
        let cold = !self.answered.swap(true, Ordering::Relaxed);
        Warmed::by(&self.tunnel, &self.phases, cold, deadline).await
    }

    /// Examines the way to Home Assistant, by the deadline; `token` is one to try, for the settings' own or for none;
    /// `now` is what certificates' times are compared with.
    pub async fn examine(
        &self,
        token: Option<BearerToken>,
        now: SystemTime,
        deadline: Instant,
    ) -> Examination {
        self.answered.store(true, Ordering::Relaxed);
        let patient = Patient { settings: self.tunnel.settings(), tunnel: &self.tunnel, token };
        let examination = patient.examine(now, deadline).await;
        // They would be told as those of the next directive.
        self.phases.take();
        examination
    }

    /// Ends tailscaled, its node having left the tailnet.
    pub async fn stop(&self) {
        self.tunnel.stop().await;
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
        let ask = async |tunnel: &Tunnel| tunnel.ask(directive, bytes.clone(), deadline).await;
        self.tunnel.over(is_safe_to_repeat(directive), ask).await
    }
}
