//! How the doorbell is, for Home Assistant: one message that is the same for as long as nothing changes.

use serde_json::{Value, json};

use crate::core::{AlexaHealth, BellHealth, Health, LineHealth, UpdateHealth};

/// What Home Assistant takes for yes and no of a `binary_sensor`, as long as it is not told otherwise.
const ON: &str = "ON";
const OFF: &str = "OFF";

/// All of it as JSON. An entity has a `state` and `attributes` there; what is not known yet has the state null.
pub(super) fn payload(health: &Health) -> String {
    let buttons = health.bells.iter().map(|bell| (bell.id.as_str().to_owned(), button(&bell.line)));
    json!({
        "alexa": grants(&health.alexa),
        "aws": aws(&health.alexa, &health.bells),
        "gateway": gateway(&health.alexa),
        "update": update(&health.update),
        "buttons": serde_json::Map::from_iter(buttons),
    })
    .to_string()
}

/// Whether there is somebody whose Alexa may be told. A sensor has no null, so that it is said in a word.
fn grants(alexa: &AlexaHealth) -> Value {
    let state = match alexa.linked {
        None => "unknown",
        Some(0) if alexa.ended > 0 => "refused",
        Some(0) => "none linked",
        Some(_) => "ok",
    };
    json!({"state": state, "attributes": {"linked": alexa.linked, "refused": alexa.ended}})
}

/// Whether AWS is there, which is asked every minute.
fn aws(alexa: &AlexaHealth, bells: &[BellHealth]) -> Value {
    let why = alexa.table.as_ref().or_else(|| bells.iter().find_map(|bell| bell.heartbeat.as_ref()));
    let is_known = why.is_some() || alexa.read.is_some();
    entity(is_known.then_some(why.is_none()), why)
}

/// Whether the last call to Amazon failed, which is called when somebody rings and when a token ends.
fn gateway(alexa: &AlexaHealth) -> Value {
    let why = alexa.gateway.as_ref().or(alexa.tokens.as_ref());
    let is_known = why.is_some() || alexa.accepted.is_some();
    entity(is_known.then_some(why.is_some()), why)
}

fn update(update: &UpdateHealth) -> Value {
    let state = update.news.as_ref().map(|news| state(news.is_update_available()));
    let (installed, published) = update.news.as_ref().map(|news| (&news.installed, &news.published)).unzip();
    let attributes = json!({"installed": installed, "published": published, "why": update.trouble});
    json!({"state": state, "attributes": attributes})
}

/// Whether there is something wrong with a button.
fn button(line: &LineHealth) -> Value {
    match line {
        LineHealth::Opening => entity(None, None),
        LineHealth::Watched => entity(Some(false), None),
        LineHealth::Stuck => entity(Some(true), Some(&"it is stuck".to_owned())),
        LineHealth::Unwatched(why) => entity(Some(true), Some(why)),
    }
}

fn entity(is_on: Option<bool>, why: Option<&String>) -> Value {
    json!({"state": is_on.map(state), "attributes": {"why": why}})
}

fn state(is_on: bool) -> &'static str {
    if is_on { ON } else { OFF }
}

#[cfg(test)]
mod tests {
    use alexa::EndpointId;

    use super::*;
    use crate::clock::Monotonic;
    use crate::update::News;

    fn told(health: &Health) -> Value {
        serde_json::from_str(&payload(health)).expect("JSON")
    }

    #[test]
    fn what_is_not_known_yet_is_not_said_to_be_good() {
        let told = told(&Health::default());
        assert_eq!(told["alexa"]["state"], "unknown");
        for entity in ["aws", "gateway", "update"] {
            assert_eq!(told[entity]["state"], Value::Null, "{entity}");
        }
    }

    #[test]
    fn whether_alexa_can_be_told_follows_from_the_grants() {
        let cases = [
            (Some(2), 0, "ok"),
            (Some(1), 1, "ok"),
            (Some(0), 0, "none linked"),
            (Some(0), 1, "refused"),
            (None, 0, "unknown"),
        ];
        for (linked, ended, wanted) in cases {
            let alexa = AlexaHealth { linked, ended, ..AlexaHealth::default() };
            assert_eq!(grants(&alexa)["state"], wanted, "{linked:?} {ended}");
        }
    }

    #[test]
    fn the_network_is_there_as_far_as_the_last_calls_tell() {
        let why = || Some("no route".to_owned());
        let (read, accepted) = (Some(Monotonic::default()), Some(Monotonic::default()));
        let of = |alexa: &AlexaHealth| (aws(alexa, &[])["state"].clone(), gateway(alexa)["state"].clone());
        let cases = [
            (AlexaHealth { read, ..AlexaHealth::default() }, ("ON".into(), Value::Null)),
            (AlexaHealth { read, accepted, ..AlexaHealth::default() }, ("ON".into(), "OFF".into())),
            (AlexaHealth { table: why(), ..AlexaHealth::default() }, ("OFF".into(), Value::Null)),
            (
                AlexaHealth { read, accepted, gateway: why(), ..AlexaHealth::default() },
                ("ON".into(), "ON".into()),
            ),
            (AlexaHealth { read, tokens: why(), ..AlexaHealth::default() }, ("ON".into(), "ON".into())),
        ];
        for (alexa, wanted) in cases {
            assert_eq!(of(&alexa), wanted, "{alexa:?}");
        }
        let id = EndpointId::parse("front-door").expect("an id");
        let bell = BellHealth { id, name: String::new(), line: LineHealth::Watched, heartbeat: why() };
        let told = aws(&AlexaHealth { read, ..AlexaHealth::default() }, &[bell]);
        assert_eq!(told, json!({"state": "OFF", "attributes": {"why": "no route"}}));
    }

    #[test]
    fn a_button_that_nobody_can_press_is_a_problem() {
        let cases = [
            (LineHealth::Opening, Value::Null),
            (LineHealth::Watched, "OFF".into()),
            (LineHealth::Stuck, "ON".into()),
            (LineHealth::Unwatched("it is in use".to_owned()), "ON".into()),
        ];
        for (line, wanted) in cases {
            assert_eq!(button(&line)["state"], wanted, "{line:?}");
        }
    }

    #[test]
    fn a_newer_package_is_told_with_its_version() {
        let version = |text: &str| text.to_owned().try_into().expect("a version");
        let (installed, published) = (version("0.1.0+20260301081530.1a"), version("0.1.0+20260302081530.1a"));
        let news = Some(News { installed, published });
        let told = update(&UpdateHealth { news, trouble: None });
        assert_eq!(told["state"], "ON");
        assert_eq!(told["attributes"]["published"], "0.1.0+20260302081530.1a");
    }

    #[test]
    fn when_something_went_well_is_no_change() {
        let at = |nanoseconds| {
            let read = Some(Monotonic::from_nanos(nanoseconds));
            payload(&Health {
                alexa: AlexaHealth { read, linked: Some(1), ..AlexaHealth::default() },
                ..Health::default()
            })
        };
        assert_eq!(at(1), at(60_000_000_000));
    }
}
