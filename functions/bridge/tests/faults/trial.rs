//! One directive with one fault on its way, and what came of it.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::house::{House, answer, check_event, fixture, value};
use crate::proxy::{Fault, Proxy};

/// As the fixture has it.
const MESSAGE_ID: &str = "1bd5d003-31b9-476f-ad03-71d471922820";

/// Time for an answer: a fault that stops the exchange is over after it.
const BUDGET: Duration = Duration::from_millis(50);

/// An answer that is so late may come too late for Lambda: it is the time that is kept for the way back.
const WAY_BACK: Duration = Duration::from_millis(500);

/// Far more than any answer takes: one that is not there by then never comes.
const NEVER: Duration = Duration::from_secs(20);

/// A directive, by whether it may be sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Directive {
    /// It may.
    TurnOn,
    /// It may not.
    AdjustBrightness,
}

/// A directive, a fault, and the connection that they meet on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    pub(crate) directive: Directive,
    pub(crate) fault: Fault,
    /// A connection that was good before, instead of a new one.
    pub(crate) kept: bool,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What is wrong with the event that Alexa gets.
    pub(crate) invalid: Option<String>,
    /// Whether it came later than Lambda waits.
    #[allow(dead_code, reason = "no test depends on the clock")]
    pub(crate) late: bool,
    /// How often Home Assistant got the directive.
    pub(crate) deliveries: usize,
}

/// A house and the proxy in front of it.
pub(crate) struct Rig {
    house: House,
    proxy: Proxy,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        let proxy = Proxy::start().await;
        let good = answer("200 OK", &fixture("turn-on-reply"));
        let house = House::behind(good, async |server| proxy.forward_to(server)).await;
        Self { house, proxy }
    }

    pub(crate) async fn run(&self, trial: Trial) -> Outcome {
        let Self { house, proxy } = self;
        // Known by its own id, because one that was given up may still arrive after the next was sent.
        let id = uuid::Uuid::new_v4().to_string();
        let event = &trial.directive.event().replace(MESSAGE_ID, &id);
        if trial.kept {
            proxy.behave();
            let before = house.ask(event).await;
            assert_eq!(before.log.outcome, "home_assistant", "{trial:?}");
        } else {
            proxy.drop_connections();
        }
        house.forget_requests();
        proxy.misbehave(trial.fault);
        let begun = Instant::now();
        let Ok(answer) = tokio::time::timeout(NEVER, house.ask_within(event, BUDGET)).await else {
            return Outcome { invalid: Some("there is none".into()), late: true, deliveries: 0 };
        };
        let late = begun.elapsed() > BUDGET + WAY_BACK;
        let reply = value(&answer);
        let invalid = if answer.log.outcome == "home_assistant" {
            let is_event = reply["event"]["header"].is_object() && reply["event"]["payload"].is_object();
            (!is_event).then(|| reply.to_string())
        } else {
            let directive: Value = serde_json::from_str(event).expect("a directive");
            check_event(&reply, &directive).err()
        };
        let deliveries = house.requests().iter().filter(|(_, body)| body.contains(&id)).count();
        Outcome { invalid, late, deliveries }
    }
}

impl Directive {
    /// How often Home Assistant may get it.
    pub(crate) fn most_deliveries(self) -> usize {
        match self {
            Self::TurnOn => 2,
            Self::AdjustBrightness => 1,
        }
    }

    fn event(self) -> String {
        let turn_on = fixture("turn-on");
        match self {
            Self::TurnOn => turn_on,
            Self::AdjustBrightness => turn_on
                .replace("PowerController", "BrightnessController")
                .replace("TurnOn", "AdjustBrightness"),
        }
    }
}
