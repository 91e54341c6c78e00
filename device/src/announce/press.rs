//! One press, and by what it is known.

use alexa::lwa::UserId;
use alexa::{EndpointId, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::Monotonic;

/// Which press it is, among all of this machine since it started.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PressId {
    /// When it was: the edge after which the button stayed pressed.
    pub edge: Monotonic,
    /// At which bell.
    pub bell: EndpointId,
}

/// A press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// Which one.
    pub id: PressId,
    /// When it was sure that the button stays pressed.
    pub stable: Monotonic,
    /// When it was, for others. It is set once the clock can be right, and then stays, since what is sent again must be
    /// the same message.
    pub timestamp: Option<Timestamp>,
}

/// One start of a machine. The clock that dates presses begins anew with each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot(String);

impl Boot {
    /// The start of this id, which is a random one (random(4), `boot_id`).
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the message that tells `user` of `press`: another one for every press and user, and always the same
    /// for the same, whichever process asks (RFC 9562, version 8).
    pub fn message_id(&self, press: &PressId, user: &UserId) -> Uuid {
        let mut hash = Sha256::new();
        for part in [self.0.as_bytes(), press.bell.as_str().as_bytes(), user.as_str().as_bytes()] {
            // Its length keeps a part from running into the next.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        hash.update(press.edge.as_nanos().to_be_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}
