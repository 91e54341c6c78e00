//! `DoorbellPress` of `Alexa.DoorbellEventSource`.

use super::part::{Part, Wrong};
use super::{Message, check_cause};

/// Why anything happens, as every message may say.
pub(super) const CAUSES: [&str; 5] =
    ["APP_INTERACTION", "PHYSICAL_INTERACTION", "PERIODIC_POLL", "RULE_TRIGGER", "VOICE_INTERACTION"];

pub(super) fn check<'a>(message: &Part<'a>, event: &Part<'a>) -> Result<Message<'a>, Wrong> {
    message.only(&["context", "event"])?;
    if let Some(context) = message.find("context")? {
        context.object()?;
    }
    event.only(&["header", "endpoint", "payload"])?;
    let payload = event.need("payload")?;
    payload.only(&["cause", "timestamp"])?;
    check_cause(&payload.need("cause")?, &CAUSES)?;
    payload.need("timestamp")?.whole_second()?;
    Message::of_endpoint(event)
}
