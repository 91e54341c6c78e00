//! What porch says, as JSON.

use std::fs;

use alexa::{
    AlexaEvent, BearerToken, Connectivity, DiscoveredEndpoint, EndpointId, FriendlyName, Property, Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

fn fixtures() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/events");
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(entry.path()).expect("a fixture");
        (name, serde_json::from_str(&text).expect("json"))
    };
    fs::read_dir(folder).expect("fixtures").map(|entry| read(entry.expect("an entry"))).collect()
}

fn fixture(name: &str) -> Value {
    fixtures().into_iter().find(|(found, _)| found == name).expect(name).1
}

fn message_id() -> Uuid {
    "5f8a426e-01e4-4cc9-8b79-65f8bd0fd8a4".parse().expect("an id")
}

fn front_door() -> EndpointId {
    EndpointId::parse("front-door").expect("an id")
}

fn token() -> BearerToken {
    BearerToken::new("Atza|made-up")
}

fn stamp() -> Timestamp {
    Timestamp::try_from("2026-03-01T08:15:30Z".to_owned()).expect("a time")
}

fn check(event: &AlexaEvent, name: &str) {
    assert_eq!(serde_json::to_value(event).expect("json"), fixture(name), "{name}");
}

#[test]
fn every_message_reads_and_writes_as_its_fixture() {
    let fixtures = fixtures();
    assert_eq!(fixtures.len(), 9);
    for (name, wanted) in fixtures {
        let event: AlexaEvent = serde_json::from_value(wanted.clone()).expect(&name);
        assert_eq!(serde_json::to_value(&event).expect(&name), wanted, "{name}");
    }
}

#[test]
fn events_for_the_gateway_are_as_amazon_shows_them() {
    let press = AlexaEvent::doorbell_press(&front_door(), stamp(), token(), message_id());
    check(&press, "doorbell-press.json");
    let unreachable = Property {
        connectivity: Connectivity::Unreachable,
        time_of_sample: stamp(),
        uncertainty_in_milliseconds: 60_000,
    };
    let changed = AlexaEvent::connectivity_changed(&front_door(), unreachable, token(), message_id());
    check(&changed, "change-report.json");
    let name = FriendlyName::parse("Front door").expect("a name");
    let doorbell = DiscoveredEndpoint::doorbell(front_door(), name);
    let added = AlexaEvent::added_or_updated(vec![doorbell], token(), message_id());
    check(&added, "add-or-update-report.json");
    check(&AlexaEvent::deleted(vec![front_door()], token(), message_id()), "delete-report.json");
}

#[test]
fn what_porch_does_not_say_is_refused() {
    for (pointer, value) in [
        ("/event/header/name", "Volume"),
        ("/event/payload/timestamp", "2026-03-01T08:15:30.23Z"),
        ("/event/payload/cause/type", "NOBODY"),
        ("/event/header/messageId", "not one"),
    ] {
        let mut wrong = fixture("doorbell-press.json");
        *wrong.pointer_mut(pointer).expect(pointer) = value.into();
        assert!(serde_json::from_value::<AlexaEvent>(wrong).is_err(), "{pointer}");
    }
}

#[test]
fn no_token_is_printed() {
    for (name, value) in fixtures() {
        let event: AlexaEvent = serde_json::from_value(value).expect(&name);
        assert!(!format!("{event:?}").contains("made-up"), "{name}: {event:?}");
    }
}
