//! A property and its value. The value is checked of the one property that porch reports; of the others, the rest.

use super::part::{Part, Wrong};

/// Interface, property and, where an interface is there several times, which one.
pub(super) type Name<'a> = (&'a str, &'a str, Option<&'a str>);

pub(super) fn check<'a>(property: &Part<'a>) -> Result<Name<'a>, Wrong> {
    property.only(&[
        "namespace",
        "name",
        "instance",
        "value",
        "timeOfSample",
        "uncertaintyInMilliseconds",
    ])?;
    let namespace = property.need("namespace")?.text(256)?;
    let name = property.need("name")?.text(256)?;
    let instance = property.find("instance")?.map(|instance| instance.text(256)).transpose()?;
    property.need("timeOfSample")?.sample_time()?;
    property.need("uncertaintyInMilliseconds")?.amount()?;
    let value = property.need("value")?;
    if namespace == "Alexa.EndpointHealth" {
        property.need("name")?.one_of(&["connectivity"])?;
        value.need("value")?.one_of(&["OK", "UNREACHABLE"])?;
    }
    Ok((namespace, name, instance))
}
