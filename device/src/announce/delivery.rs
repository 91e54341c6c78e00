//! One press on its way to one user.

use std::time::Duration;

use alexa::gateway::{Attempts, Class, Decision, Terminal};
use uuid::Uuid;

use super::grants::TokenNumber;
use crate::clock::Monotonic;

/// Pause before sending again what may have been accepted: Amazon's own for what was refused.
const UNSURE: Duration = Duration::from_secs(1);

/// What the gateway said, or why it said nothing.
pub type Answer = Result<(), Failure>;

/// Why an event is not known to be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is to be done about it.
    pub class: Class,
    /// What happened, for people.
    pub told: String,
}

/// A press on its way to one user.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) message_id: Uuid,
    pub(super) state: State,
    attempts: Attempts,
    tries: u32,
    /// When the latest try began, and with which access token.
    sent: Option<(Monotonic, TokenNumber)>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// To be sent, when this has come.
    Waiting(Monotonic),
    /// Sent, and not answered yet.
    Sent,
    /// Accepted, or given up.
    Settled,
}

/// What an answer means for whoever holds the grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It was accepted.
    Accepted,
    /// It is sent again.
    Again,
    /// It is sent again with another access token.
    Renew,
    /// It is given up.
    GivenUp,
    /// It is given up, and so is the grant.
    EndGrant,
}

impl Delivery {
    pub(super) fn new(message_id: Uuid, now: Monotonic) -> Self {
        Self { message_id, state: State::Waiting(now), attempts: Attempts::default(), tries: 0, sent: None }
    }

    pub(super) fn is_due(&self, now: Monotonic) -> bool {
        matches!(self.state, State::Waiting(until) if until <= now)
    }

    pub(super) fn is_settled(&self) -> bool {
        self.state == State::Settled
    }

    pub(super) fn give_up(&mut self) {
        self.state = State::Settled;
    }

    pub(super) fn on_send(&mut self, now: Monotonic, token: TokenNumber) {
        self.state = State::Sent;
        self.tries += 1;
        self.sent = Some((now, token));
    }

    pub(super) fn on_answer(&mut self, answer: &Answer, now: Monotonic) -> Next {
        let (state, next) = match answer {
            Ok(()) => (State::Settled, Next::Accepted),
            Err(failure) => match self.attempts.after(failure.class) {
                Decision::Again(pause) => (State::Waiting(now + pause), Next::Again),
                Decision::Unknown => (State::Waiting(now + UNSURE), Next::Again),
                Decision::Refresh => (State::Waiting(now), Next::Renew),
                Decision::Terminal(Terminal::SkillDisabled) => (State::Settled, Next::EndGrant),
                Decision::Terminal(_) | Decision::GiveUp => (State::Settled, Next::GivenUp),
            },
        };
        self.state = state;
        next
    }

    pub(super) fn tries(&self) -> u32 {
        self.tries
    }

    pub(super) fn sent(&self) -> Option<(Monotonic, TokenNumber)> {
        self.sent
    }
}
