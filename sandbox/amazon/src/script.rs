//! Answers on demand: what the next requests of a service are told, whatever they ask.

use std::collections::VecDeque;
use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use smapi::fake::Refusal;

use crate::gateway::GatewayError;
use crate::host::Service;
use crate::lwa::LwaError;

/// A line of a script, as the driver writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Whose requests.
    pub service: Service,
    /// What is answered.
    pub answer: Told,
    /// How many requests; 1 when absent.
    #[serde(default = "once")]
    pub times: u32,
    /// Whether a request has its effect all the same: the code is used up, the event accepted.
    #[serde(default)]
    pub processed: bool,
    /// How long the answer takes, in milliseconds; at most [`LONGEST_DELAY`].
    #[serde(default)]
    pub delay_ms: u64,
}

/// What a request is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Told {
    /// What it would have been told anyway; for a delay.
    Truth,
    /// Nothing: the connection ends.
    Cut,
    /// A documented error of the service, by its code.
    Error(String),
    /// Any status, with any body.
    Other {
        /// The status.
        status: u16,
        /// The body.
        #[serde(default)]
        body: String,
    },
}

/// No answer takes longer: nobody who asks Amazon for anything waits as long as this.
pub const LONGEST_DELAY: Duration = Duration::from_secs(120);

/// Why something cannot be scripted.
#[derive(Debug, thiserror::Error)]
pub enum WrongScript {
    /// The service has no such error.
    #[error("{service:?} has no documented error `{code}`")]
    Code {
        /// The service.
        service: Service,
        /// What was asked for.
        code: String,
    },
    /// No HTTP status.
    #[error("{0} is no HTTP status")]
    Status(u16),
    /// Too long.
    #[error("a delay of {0} ms is longer than {limit} ms", limit = LONGEST_DELAY.as_millis())]
    Delay(u64),
}

/// What is still to happen, in order.
#[derive(Debug, Default)]
pub struct Script(VecDeque<Scripted>);

/// A line that can happen.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    service: Service,
    times: u32,
    pub(crate) outcome: Outcome,
    pub(crate) processed: bool,
    pub(crate) delay: Duration,
}

/// What a request is told, known to exist.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Truth,
    Cut,
    Lwa(LwaError),
    Gateway(GatewayError),
    Smapi(Refusal),
    Other(StatusCode, String),
}

impl Script {
    /// Adds lines to the end.
    ///
    /// # Errors
    /// When one of them cannot happen; then none is added.
    pub fn add(&mut self, lines: Vec<Line>) -> Result<(), WrongScript> {
        let scripted: Vec<Scripted> = lines.into_iter().map(Scripted::check).collect::<Result<_, _>>()?;
        self.0.extend(scripted);
        Ok(())
    }

    /// Forgets what is still to happen.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What happens to a request of `service` that arrives now.
    pub(crate) fn next(&mut self, service: Service) -> Option<Scripted> {
        self.0.retain(|scripted| scripted.times > 0);
        let next = self.0.iter_mut().find(|scripted| scripted.service == service)?;
        next.times -= 1;
        Some(next.clone())
    }
}

impl Scripted {
    fn check(line: Line) -> Result<Self, WrongScript> {
        let Line { service, answer, times, processed, delay_ms } = line;
        let delay = Duration::from_millis(delay_ms);
        if delay > LONGEST_DELAY {
            return Err(WrongScript::Delay(delay_ms));
        }
        let outcome = match answer {
            Told::Truth => Outcome::Truth,
            Told::Cut => Outcome::Cut,
            Told::Error(code) => {
                Outcome::documented(service, &code).ok_or(WrongScript::Code { service, code })?
            }
            Told::Other { status, body } => {
                let known = StatusCode::from_u16(status).map_err(|_| WrongScript::Status(status))?;
                Outcome::Other(known, body)
            }
        };
        // The truth can only be told about what was done.
        let processed = processed || matches!(outcome, Outcome::Truth);
        Ok(Self { service, times, outcome, processed, delay })
    }
}

impl Outcome {
    fn documented(service: Service, code: &str) -> Option<Self> {
        match service {
            Service::LwaToken => LwaError::of_token(code).map(Self::Lwa),
            Service::LwaProfile => LwaError::of_profile(code).map(Self::Lwa),
            Service::GatewayNa | Service::GatewayEu | Service::GatewayFe => {
                GatewayError::documented(code).map(Self::Gateway)
            }
            Service::Smapi => {
                let documented = Refusal::DOCUMENTED.into_iter().find(|(known, _)| *known == code);
                documented.map(|(_, refusal)| Self::Smapi(refusal))
            }
        }
    }
}

fn once() -> u32 {
    1
}
