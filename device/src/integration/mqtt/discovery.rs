//! What Home Assistant is told of a doorbell, so that it needs no configuration ("MQTT Discovery" of its documentation).

use std::collections::BTreeMap;

use alexa::EndpointId;
use serde_json::{Value, json};

use super::message::{Message, Topics};

/// This program's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How the doorbell is: component, object, name and device class of each entity. No bell is called so, since the objects
/// of its binary sensors end with `-button`.
const DIAGNOSES: [(&str, &str, &str, Option<&str>); 4] = [
    ("sensor", "alexa", "Alexa", None),
    ("binary_sensor", "aws", "AWS", Some("connectivity")),
    ("binary_sensor", "gateway", "Event gateway", Some("problem")),
    ("binary_sensor", "update", "Update", Some("update")),
];

/// What there is to tell of.
#[derive(Clone, Debug)]
pub(super) struct Discovery {
    topics: Topics,
    /// The configuration of each entity, by its component and object.
    entities: BTreeMap<(&'static str, String), Value>,
}

impl Discovery {
    /// A device of this name, with `bells` and what they are called.
    pub(super) fn new(topics: Topics, device: &str, bells: &BTreeMap<EndpointId, String>) -> Self {
        let mut discovery = Self { topics, entities: BTreeMap::new() };
        for (id, name) in bells {
            let press = json!({
                "name": name,
                "state_topic": discovery.topics.press(id),
                "event_types": ["press"],
                "device_class": "doorbell",
                "qos": 1,
            });
            discovery.add("event", id.as_str(), device, press);
            let picture = json!({
                "name": format!("{name} picture"),
                "image_topic": discovery.topics.picture(id.as_str()),
                "content_type": "image/jpeg",
            });
            discovery.add("image", id.as_str(), device, picture);
            let button = format!("['buttons']['{id}']");
            let button = discovery.diagnosis(&format!("{name} button"), Some("problem"), &button);
            discovery.add("binary_sensor", &format!("{id}-button"), device, button);
        }
        for (object, name, class) in [("version", "Version", None), ("started", "Started", Some("timestamp"))]
        {
            let mut sensor = json!({
                "name": name,
                "state_topic": discovery.topics.state(),
                "value_template": format!("{{{{ value_json.{object} }}}}"),
                "entity_category": "diagnostic",
            });
            if let Some(class) = class {
                sensor["device_class"] = class.into();
            }
            discovery.add("sensor", object, device, sensor);
        }
        for (component, object, name, class) in DIAGNOSES {
            let diagnosis = discovery.diagnosis(name, class, &format!("['{object}']"));
            discovery.add(component, object, device, diagnosis);
        }
        discovery
    }

    /// An entity that says how something is, which is at `place` in what [`super::diagnostics`] tells. It stands in brackets:
    /// to a template, `value_json.update` is what every dictionary has of that name.
    fn diagnosis(&self, name: &str, class: Option<&str>, place: &str) -> Value {
        let topic = self.topics.diagnostics();
        let mut entity = json!({
            "name": name,
            "state_topic": topic,
            "value_template": format!("{{{{ value_json{place}.state }}}}"),
            "json_attributes_topic": topic,
            "json_attributes_template": format!("{{{{ value_json{place}.attributes | tojson }}}}"),
            "entity_category": "diagnostic",
        });
        if let Some(class) = class {
            entity["device_class"] = class.into();
        }
        entity
    }

    fn add(&mut self, component: &'static str, object: &str, device: &str, mut entity: Value) {
        let id = self.topics.id();
        entity["unique_id"] = format!("{id}-{component}-{object}").into();
        entity["availability_topic"] = self.topics.status().into();
        entity["device"] = json!({
            "identifiers": [id],
            "name": device,
            "manufacturer": "porch",
            "model": "porch-doorbell",
            "sw_version": VERSION,
        });
        entity["origin"] = json!({"name": "porch-doorbell", "sw_version": VERSION});
        self.entities.insert((component, object.to_owned()), entity);
    }

    /// The messages that tell of all entities.
    pub(super) fn messages(&self) -> Vec<Message> {
        let message = |((component, object), entity): (&(&'static str, String), &Value)| {
            Message::retained(self.topics.config(component, object), entity.to_string())
        };
        self.entities.iter().map(message).collect()
    }

    /// What makes an entity go that an earlier process, or earlier settings, have told of at `topic`; nothing if that is
    /// one of those that are still there.
    pub(super) fn removal(&self, topic: &str, payload: &[u8]) -> Vec<Message> {
        let Some((component, object)) = self.topics.entity(topic) else { return Vec::new() };
        if payload.is_empty() || self.entities.keys().any(|known| known.0 == component && known.1 == object) {
            return Vec::new();
        }
        let empty = |topic| Message::retained(topic, Vec::new());
        let mut removal = vec![empty(topic.to_owned())];
        // The topic is the broker's word, and is published to only where it can be a bell's.
        if component == "image" && EndpointId::parse(object).is_ok() {
            removal.push(empty(self.topics.picture(object)));
        }
        removal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integration::mqtt::node::Node;

    fn topics() -> Topics {
        let node = Node::of("0123456789abcdef0123456789abcdef").expect("an id");
        Topics::new("homeassistant", "porch", node)
    }

    fn discovery() -> Discovery {
        let front = EndpointId::parse("front-door").expect("an id");
        Discovery::new(topics(), "Doorbell", &BTreeMap::from([(front, "Front door".to_owned())]))
    }

    #[test]
    fn home_assistant_is_told_of_a_bell_by_documented_configurations() {
        let told: BTreeMap<String, Value> = discovery()
            .messages()
            .into_iter()
            .map(|message| (message.topic, serde_json::from_slice(&message.payload).expect("JSON")))
            .collect();
        let mut told = serde_json::to_string_pretty(&told).expect("JSON");
        told = told.replace(VERSION, "VERSION");
        let wanted = include_str!("../../../tests/fixtures/mqtt-discovery.json");
        let [told, wanted] =
            [&told[..], wanted].map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
        assert_eq!(told, wanted);
    }

    #[test]
    fn what_is_not_there_any_more_is_removed_and_nothing_else() {
        let removed = |topic: &str, payload: &[u8]| -> Vec<String> {
            let removal = discovery().removal(topic, payload);
            assert!(removal.iter().all(|message| message.payload.is_empty()), "{removal:?}");
            removal.into_iter().map(|message| message.topic).collect()
        };
        let config = |component: &str, object: &str| topics().config(component, object);
        let none: [String; 0] = [];
        assert_eq!(removed(&config("event", "garden"), b"{}"), [config("event", "garden")]);
        let picture = topics().picture("garden");
        assert_eq!(removed(&config("image", "garden"), b"{}"), [config("image", "garden"), picture]);
        for (topic, payload) in [
            (config("event", "front-door"), "{}"),
            (config("sensor", "version"), "{}"),
            // It is gone already.
            (config("event", "garden"), ""),
            // Somebody else's.
            ("homeassistant/event/porch-000000000000/garden/config".to_owned(), "{}"),
            (format!("{}/more", config("event", "garden")), "{}"),
            ("homeassistant/status".to_owned(), "online"),
            (String::new(), "{}"),
        ] {
            assert_eq!(removed(&topic, payload.as_bytes()), none, "{topic}");
        }
    }
}
