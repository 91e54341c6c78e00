//! `ChangeReport`: a property has another value than before.

use super::doorbell::CAUSES;
use super::part::{Part, Wrong};
use super::property::{self, Name};
use super::{Message, check_cause};

pub(super) fn check<'a>(message: &Part<'a>, event: &Part<'a>) -> Result<Message<'a>, Wrong> {
    message.only(&["context", "event"])?;
    event.only(&["header", "endpoint", "payload"])?;
    let payload = event.need("payload")?;
    payload.only(&["change"])?;
    let change = payload.need("change")?;
    change.only(&["cause", "properties"])?;
    let causes = [&CAUSES[..], &["INVALID_CREDENTIALS", "SUBSCRIPTION_EXPIRED"]].concat();
    check_cause(&change.need("cause")?, &causes)?;
    let properties = change.need("properties")?;
    let changed = names(&properties)?;
    if let Some(context) = message.find("context")? {
        context.only(&["properties"])?;
        let unchanged = context.find("properties")?.map(|properties| names(&properties)).transpose()?;
        if unchanged.unwrap_or_default().iter().any(|name| changed.contains(name)) {
            return Err(properties.wrong("has a property that is in the context as well"));
        }
    }
    Message::of_endpoint(event)
}

fn names<'a>(properties: &Part<'a>) -> Result<Vec<Name<'a>>, Wrong> {
    properties.items()?.iter().map(property::check).collect()
}
