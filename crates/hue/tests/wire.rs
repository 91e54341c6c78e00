//! The shapes of what is said, compared with the fixtures.

use std::fs;
use std::path::Path;

use hue::wire::{Answer, BridgeResource, Change, Group, GroupedLight, Light, Scene, SceneChange};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    serde_json::from_str(&fs::read_to_string(path).expect(name)).expect(name)
}

fn said<T: Serialize + DeserializeOwned>(name: &str) {
    let wanted = fixture(name);
    let change: T = serde_json::from_value(wanted.clone()).expect(name);
    assert_eq!(serde_json::to_value(&change).expect(name), wanted, "{name}");
}

#[test]
fn what_is_said_is_as_documented() {
    for name in ["signal", "stop", "breathe", "white", "color", "off"] {
        said::<Change>(&format!("changes/{name}.json"));
    }
    for name in ["scene-recall", "scene-still"] {
        said::<SceneChange>(&format!("changes/{name}.json"));
    }
}

/// Read as it is, and with a stranger's field in each entry and beside them.
fn read<T: DeserializeOwned>(kind: &str, count: usize) -> Vec<T> {
    let name = format!("answers/{kind}.json");
    let mut answer = fixture(&name);
    let known: Answer<T> = serde_json::from_value(answer.clone()).expect(&name);
    answer["stranger"] = json!({"a": [1]});
    for entry in answer["data"].as_array_mut().into_iter().flatten() {
        entry["stranger"] = json!("new");
    }
    let answer: Answer<T> = serde_json::from_value(answer).expect(&name);
    assert_eq!((known.data.len(), answer.data.len()), (count, count), "{name}");
    answer.data
}

#[test]
fn what_is_told_is_read_whatever_else_it_holds() {
    let lights: Vec<Light> = read("light", 5);
    assert_eq!(lights[0].color_temperature.map(|temperature| temperature.mirek), Some(None));
    assert_eq!(lights[1].color_temperature.and_then(|temperature| temperature.mirek), Some(366));
    assert!(lights[4].dimming.is_none() && lights[4].signaling.signal_values.is_empty());
    read::<GroupedLight>("grouped_light", 4);
    assert_eq!(read::<Group>("room", 3)[0].children.len(), 3);
    read::<Group>("zone", 1);
    assert!(read::<Scene>("scene", 4)[3].auto_dynamic);
    assert_eq!(read::<BridgeResource>("bridge", 1)[0].bridge_id, hue::fake::FakeBridge::ID);
}

#[test]
fn an_id_that_could_be_another_path_is_none() {
    for id in ["", "../bridge", "a/b", "1?x", "g"] {
        let light = json!({"rid": id, "rtype": "light"});
        assert!(serde_json::from_value::<hue::wire::Reference>(light).is_err(), "{id}");
    }
}
