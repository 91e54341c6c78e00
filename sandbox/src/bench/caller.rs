//! One directive, sent to a deployed function as often as is wanted.

use secrecy::SecretString;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::house::{self, Device, directive};
use crate::lambda::{Environment, Lambda, Timing};

/// Who asks.
pub(super) struct Caller<'a> {
    lambda: &'a Lambda,
    /// The function's name.
    pub(super) function: String,
    /// Which of its environments is asked.
    environment: u8,
    /// The directive. It holds a token, so there is no `Debug`.
    event: Vec<u8>,
}

/// What came of one directive.
pub(super) struct Asked {
    /// Where the time went, as the runner saw it.
    pub(super) timing: Timing,
    /// How long the function took, as its own log says.
    pub(super) elapsed_ms: Option<f64>,
    /// Why there is no proper reply.
    pub(super) failure: Option<Error>,
    /// Whether there is an Alexa event at all, be it one that tells of an error.
    pub(super) is_event: bool,
}

impl<'a> Caller<'a> {
    /// Asks for the devices.
    pub(super) fn discovery(lambda: &'a Lambda, function: String, token: &SecretString) -> Self {
        let event = directive("Alexa.Discovery", "Discover", None, token).to_string().into_bytes();
        Self { lambda, function, environment: 0, event }
    }

    /// Asks how the sandbox's lamp is.
    pub(super) fn report_state(lambda: &'a Lambda, function: String, token: &SecretString) -> Self {
        Self { lambda, function, environment: 0, event: report_state(token) }
    }

    /// Makes the sandbox's lamp a little brighter.
    pub(super) fn adjust_brightness(lambda: &'a Lambda, function: String, token: &SecretString) -> Self {
        let mut directive =
            directive("Alexa.BrightnessController", "AdjustBrightness", Some(&sandbox_lamp()), token);
        directive["directive"]["payload"]["brightnessDelta"] = 1.into();
        Self { lambda, function, environment: 0, event: directive.to_string().into_bytes() }
    }

    /// The same, in the function's environment of this number.
    pub(super) fn in_environment(&self, number: u8) -> Self {
        let Self { lambda, function, event, .. } = self;
        Self { lambda, function: function.clone(), environment: number, event: event.clone() }
    }

    /// The environment, if there is one.
    pub(super) async fn environment(&self) -> Result<Option<Environment>> {
        self.lambda.environment(&self.function, self.environment).await
    }

    /// Ends all environments, so that the next directive needs a new one.
    pub(super) async fn retire(&self) -> Result<()> {
        self.lambda.retire(&self.function).await
    }

    /// Asks once.
    pub(super) async fn ask(&self) -> Result<Asked> {
        let (invocation, timing) =
            self.lambda.timed(&self.function, self.environment, self.event.clone()).await?;
        let elapsed_ms = invocation.answered().and_then(|line| line["elapsed_ms"].as_f64());
        let failure = house::answer(&invocation, "a directive").err();
        let event: Option<Value> = serde_json::from_slice(&invocation.payload).ok();
        let is_event = event.is_some_and(|event| event["event"]["header"]["name"].is_string());
        Ok(Asked { timing, elapsed_ms, failure, is_event })
    }
}

impl Asked {
    /// The sum of these phases, those that did not happen left out.
    pub(super) fn took(&self, phases: &[&str]) -> f64 {
        phases.iter().filter_map(|phase| self.timing.of(phase)).sum()
    }

    /// How long the function took for its proper reply.
    pub(super) fn replied(self) -> Result<f64> {
        match (self.failure, self.elapsed_ms) {
            (Some(failure), _) => Err(failure),
            (None, Some(elapsed_ms)) => Ok(elapsed_ms),
            (None, None) => Err(Error::Answer("the function's log does not say how long it took".into())),
        }
    }
}

/// The question how the sandbox's lamp is.
pub(super) fn report_state(token: &SecretString) -> Vec<u8> {
    directive("Alexa", "ReportState", Some(&sandbox_lamp()), token).to_string().into_bytes()
}

fn sandbox_lamp() -> Device {
    Device { friendly_name: "Lamp".into(), endpoint_id: "light#lamp".into(), categories: Vec::new() }
}
