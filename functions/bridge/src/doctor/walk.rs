//! Hop after hop, each within its part of the time, up to the first that fails.

use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use super::report::{Finding, Hop, Outcome, Report};

/// What a hop that is as it should be leaves behind.
pub(super) struct Passed<T> {
    /// For the hops after it.
    pub(super) value: T,
    pub(super) found: String,
    /// About what works, but not for ever.
    pub(super) advice: Option<String>,
}

impl<T> Passed<T> {
    pub(super) fn new(value: T, found: impl Into<String>) -> Self {
        Self { value, found: found.into(), advice: None }
    }
}

/// What is wrong at a hop.
pub(super) struct Trouble {
    pub(super) found: String,
    pub(super) advice: String,
}

impl Trouble {
    pub(super) fn new(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { found: found.into(), advice: advice.into() }
    }
}

impl Trouble {
    /// For a hop whose steps say nothing of being late themselves.
    fn late(hop: Hop, waited: Duration) -> Self {
        let advice = match hop {
            Hop::Settings | Hop::Secrets | Hop::Tailscaled | Hop::Netmap => {
                "The function is slow, or starved of CPU: more porch:bridge.memory gives it more. Ask the doctor once \
                 more."
            }
            Hop::Name => {
                "The name server that the tailnet asks for this name does not answer. Look at it under DNS in the \
                 admin console, or put an address into porch:bridge.baseUrl."
            }
            Hop::Tcp => {
                "Nobody answers at all: a firewall on Home Assistant's machine, or the tailnet's policy, may swallow \
                 what is sent there."
            }
            Hop::Tls | Hop::Http | Hop::HomeAssistant | Hop::Alexa | Hop::Token => {
                "Home Assistant takes the connection, but does not answer. It may hang: look at its own log, and \
                 restart it."
            }
        };
        Self::new(format!("no answer within {:.1} s", waited.as_secs_f64()), advice)
    }
}

/// A hop has failed: there is no way on.
pub(super) struct Stopped;

/// The hops that were seen so far.
pub(super) struct Walk {
    /// When the report must be there.
    pub(super) deadline: Instant,
    findings: Vec<Finding>,
}

impl Walk {
    /// How much sooner than it is cut off a hop is told that its time is up, so that it can say at what.
    const NOTICE: Duration = Duration::from_millis(50);

    pub(super) fn until(deadline: Instant) -> Self {
        Self { deadline, findings: Vec::new() }
    }

    /// Takes a hop. `step` is told until when it may take.
    pub(super) async fn hop<T>(
        &mut self,
        hop: Hop,
        step: impl AsyncFnOnce(Instant) -> Result<Passed<T>, Trouble>,
    ) -> Result<T, Stopped> {
        let begun = Instant::now();
        let until = self.deadline.min(begun + hop.limit());
        let told = until.checked_sub(Self::NOTICE).unwrap_or(until);
        let late = |_| Err(Trouble::late(hop, until.saturating_duration_since(begun)));
        let seen = timeout_at(until.into(), step(told)).await.unwrap_or_else(late);
        let elapsed = begun.elapsed();
        let (outcome, found, advice, value) = match seen {
            Ok(Passed { value, found, advice }) => (Outcome::Passed, found, advice, Ok(value)),
            Err(Trouble { found, advice }) => (Outcome::Failed, found, Some(advice), Err(Stopped)),
        };
        self.findings.push(Finding::new(hop, outcome, elapsed, found, advice));
        value
    }

    /// Passes over a hop that has no meaning here.
    pub(super) fn skip(&mut self, hop: Hop, why: impl Into<String>, advice: Option<String>) {
        self.findings.push(Finding::new(hop, Outcome::Skipped, Duration::ZERO, why.into(), advice));
    }

    pub(super) fn report(self) -> Report {
        Report::of(self.findings)
    }
}
