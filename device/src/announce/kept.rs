//! Presses that outlive the process: what one has begun, the next one ends.

use alexa::{EndpointId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::press::{Press, PressId};
use crate::clock::Monotonic;

/// A press that is young enough to matter. Users stand here by the ids of messages to them alone.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct KeptPress {
    bell: EndpointId,
    edge: u64,
    stable: u64,
    /// If it has one. Whatever was sent has it, and whatever is sent again must have the same.
    timestamp: Option<Timestamp>,
    /// The messages of which nothing more is to be sent.
    settled: Vec<Uuid>,
}

impl KeptPress {
    pub(super) fn of(press: &Press, settled: Vec<Uuid>) -> Self {
        Self {
            bell: press.id.bell.clone(),
            edge: press.id.edge.as_nanos(),
            stable: press.stable.as_nanos(),
            timestamp: press.timestamp,
            settled,
        }
    }

    /// The ids of the messages of which nothing more is to be sent.
    pub fn settled(&self) -> &[Uuid] {
        &self.settled
    }

    /// The press.
    pub fn press(&self) -> Press {
        Press {
            id: PressId { edge: Monotonic::from_nanos(self.edge), bell: self.bell.clone() },
            stable: Monotonic::from_nanos(self.stable),
            timestamp: self.timestamp,
        }
    }
}
