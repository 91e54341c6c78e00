//! What goes back to Alexa.

use alexa::{AlexaEvent, Directive};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::failure::Failure;

/// A reply to a directive.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// Home Assistant's own, as it came.
    Forwarded(Box<RawValue>),
    /// One of the bridge's own, about a failure.
    Failed(Box<AlexaEvent>),
}

impl Reply {
    /// The reply to `directive` when it failed, in the form that its kind wants.
    pub(crate) fn about(failure: &Failure, directive: &Directive) -> Self {
        let (r#type, message) = (failure.error_type(), failure.told());
        Self::Failed(Box::new(AlexaEvent::failed(directive, r#type, message, Uuid::new_v4())))
    }
}
