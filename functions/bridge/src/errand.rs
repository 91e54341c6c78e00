//! Events of porch's own, beside Alexa's: whoever may invoke the function may send them, which
//! Alexa's users cannot, as theirs come inside a directive.

use alexa::BearerToken;
use serde::Deserialize;

/// What is asked of the function that is no directive.
#[derive(Debug)]
pub(crate) enum Errand {
    /// `{"porch":"warm"}`, from a schedule: be ready for the next directive.
    Warm,
    /// `{"porch":"doctor"}`, from a person: examine the way to Home Assistant. With `"token":"…"` as well, a token of
    /// Home Assistant to try in place of the settings' own.
    Doctor(Option<BearerToken>),
}

impl Errand {
    /// The errand that `event` is, if it is one. Of a directive no more is read than that it has no member `porch`,
    /// which takes microseconds.
    pub(crate) fn read(event: &[u8]) -> Option<Self> {
        let event: Event = serde_json::from_slice(event).ok()?;
        match event.porch {
            Word::Warm => Some(Self::Warm),
            Word::Doctor => Some(Self::Doctor(event.token)),
        }
    }
}

#[derive(Deserialize)]
struct Event {
    porch: Word,
    #[serde(default)]
    token: Option<BearerToken>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Warm,
    Doctor,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_an_errand_is_one() {
        for (event, wanted) in [
            (r#"{"porch":"warm"}"#, true),
            (r#"{"time":"2026-03-01T08:15:30Z","porch":"warm"}"#, true),
            (r#"{"porch":"doctor"}"#, true),
            (r#"{"porch":"doctor","token":"made-up"}"#, true),
            (r#"{"porch":"doctor","token":7}"#, false),
            (r#"{"porch":"cold"}"#, false),
            (r#"{"porch":7}"#, false),
            (r#"{"directive":{"porch":"warm"}}"#, false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(Errand::read(event.as_bytes()).is_some(), wanted, "{event}");
        }
    }
}
