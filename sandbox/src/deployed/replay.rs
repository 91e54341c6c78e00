//! A recorded directive, made fit to be sent once more.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// What stands in a recording, or an event, for the token.
pub const PLACEHOLDER: &str = "@HOME_ASSISTANT_TOKEN@";

/// Where Alexa puts the customer's token: with an endpoint, without one, and when it asks for a grant.
const PLACES: [&str; 3] =
    ["/directive/endpoint/scope/token", "/directive/payload/scope/token", "/directive/payload/grantee/token"];

/// A directive that Alexa has sent.
#[derive(Clone)]
pub struct Recording(Value);

/// Why a file is no recording.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unusable {
    /// It is not JSON.
    #[error("is no JSON: {0}")]
    NoJson(String),
    /// It has no directive in it.
    #[error(
        "is no directive: expected {{\"directive\": {{\"header\": {{\"namespace\": …, \"name\": …}}, …}}}}, as the \
         Alexa developer console shows it under Test"
    )]
    NoDirective,
    /// It would be sent without a token.
    #[error("has {PLACEHOLDER} where the token was: give one with --token FILE")]
    NoToken,
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// See [`Unusable`].
    pub fn read(bytes: &[u8]) -> Result<Self, Unusable> {
        let read: Value =
            serde_json::from_slice(bytes).map_err(|error| Unusable::NoJson(error.to_string()))?;
        let has = |name: &str| read["directive"]["header"][name].is_string();
        if has("namespace") && has("name") { Ok(Self(read)) } else { Err(Unusable::NoDirective) }
    }

    /// The event to send: with the message id `message_id`, since Alexa gives each its own, and with `token`, if there is
    /// one, in the place of the one that was recorded and is no good any more.
    ///
    /// # Errors
    /// [`Unusable::NoToken`] when there is neither.
    pub fn event(self, token: Option<&SecretString>, message_id: &str) -> Result<Vec<u8>, Unusable> {
        let Self(mut event) = self;
        event["directive"]["header"]["messageId"] = message_id.into();
        for place in PLACES {
            if let Some(recorded) = event.pointer_mut(place) {
                match token {
                    Some(token) => *recorded = token.expose_secret().into(),
                    None if *recorded == PLACEHOLDER => return Err(Unusable::NoToken),
                    None => {}
                }
            }
        }
        Ok(event.to_string().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn recording(token: &str) -> Recording {
        let header = json!({"namespace": "Alexa.PowerController", "name": "TurnOn", "messageId": "old"});
        let endpoint = json!({"endpointId": "light#lamp", "scope": {"type": "BearerToken", "token": token}});
        let recorded = json!({"directive": {"header": header, "endpoint": endpoint, "payload": {}}});
        Recording::read(recorded.to_string().as_bytes()).unwrap()
    }

    fn sent(event: &[u8]) -> (String, String) {
        let event: Value = serde_json::from_slice(event).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_string();
        let directive = &event["directive"];
        (text(&directive["header"]["messageId"]), text(&directive["endpoint"]["scope"]["token"]))
    }

    #[test]
    fn it_is_sent_as_a_message_of_its_own_with_a_token_that_is_good() {
        let event = recording("stale").event(Some(&"fresh".into()), "new").unwrap();
        assert_eq!(sent(&event), ("new".into(), "fresh".into()));
        let event = recording("still good").event(None, "new").unwrap();
        assert_eq!(sent(&event), ("new".into(), "still good".into()));
        assert_eq!(recording(PLACEHOLDER).event(None, "new").unwrap_err(), Unusable::NoToken);
    }

    #[test]
    fn what_is_no_directive_is_refused() {
        assert!(matches!(Recording::read(b"{"), Err(Unusable::NoJson(_))));
        for other in [json!({}), json!([]), json!({"directive": {"header": {"name": "TurnOn"}}})] {
            let read = Recording::read(other.to_string().as_bytes());
            assert_eq!(read.err(), Some(Unusable::NoDirective), "{other}");
        }
    }
}
