//! What was asked and what was accepted, for whoever tests: the latest of each, without tokens and secrets.

use std::collections::VecDeque;
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::host::{Region, Service};

/// So many of each are kept; the oldest go first.
pub const KEPT: usize = 20_000;

/// Requests and accepted events.
#[derive(Debug, Default)]
pub struct Record {
    requests: VecDeque<Seen>,
    events: VecDeque<Accepted>,
}

/// One request and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// When, by the fake's clock.
    pub at: String,
    /// Whose it was.
    pub service: Service,
    /// HTTP's.
    pub method: String,
    /// The URL's, without a query.
    pub path: String,
    /// The answer's.
    pub status: u16,
    /// The error's code, as the service spells it; `null` when there is none.
    pub error: Option<&'static str>,
    /// Why.
    pub reason: Option<String>,
    /// Whether a script had a hand in it.
    pub scripted: bool,
}

/// An event that the gateway accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// When, by the fake's clock.
    pub at: String,
    /// At which gateway.
    pub region: Region,
    /// Whose: the name that the driver gave.
    pub customer: String,
    /// From which skill.
    pub skill: String,
    /// The whole message, with `[REDACTED]` for its token.
    pub message: Value,
}

impl Record {
    /// The requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> &VecDeque<Seen> {
        &self.requests
    }

    /// The accepted events, oldest first. One that was sent twice is here twice.
    #[must_use]
    pub fn events(&self) -> &VecDeque<Accepted> {
        &self.events
    }

    /// Begins anew.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn request(&mut self, seen: Seen) {
        push(&mut self.requests, seen);
    }

    pub(crate) fn event(&mut self, accepted: Accepted) {
        push(&mut self.events, accepted);
    }
}

/// A time as people read it; empty for one that no calendar has.
pub(crate) fn written(at: SystemTime) -> String {
    OffsetDateTime::from(at).format(&Rfc3339).unwrap_or_default()
}

fn push<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == KEPT {
        queue.pop_front();
    }
    queue.push_back(item);
}
