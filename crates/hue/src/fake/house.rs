//! The lights, and what they do when they are told something.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::rules;

/// The kinds of resource, with what there is of each at first: the answers that are the fixtures.
const ANSWERS: [(&str, &str); 6] = [
    ("bridge", include_str!("../../tests/fixtures/answers/bridge.json")),
    ("grouped_light", include_str!("../../tests/fixtures/answers/grouped_light.json")),
    ("light", include_str!("../../tests/fixtures/answers/light.json")),
    ("room", include_str!("../../tests/fixtures/answers/room.json")),
    ("scene", include_str!("../../tests/fixtures/answers/scene.json")),
    ("zone", include_str!("../../tests/fixtures/answers/zone.json")),
];

/// How long a light breathes.
const BREATH: Duration = Duration::from_secs(15);

/// Why a change is refused.
#[derive(Debug)]
pub(super) enum Refused {
    Bad(String),
    Unknown,
    TooMany,
}

#[derive(Debug)]
pub(super) struct House {
    resources: BTreeMap<&'static str, Vec<Value>>,
    /// Until when lights breathe, by id.
    breathing: BTreeMap<String, Instant>,
    /// Lights without power.
    dark: BTreeSet<String>,
    /// When lights and groups were told something within the last second.
    lately: [VecDeque<Instant>; 2],
}

impl House {
    pub(super) fn new() -> Self {
        let data = |text: &str| {
            let mut answer: Value = serde_json::from_str(text).expect("a fixture");
            serde_json::from_value(answer["data"].take()).expect("a list")
        };
        Self {
            resources: ANSWERS.into_iter().map(|(kind, text)| (kind, data(text))).collect(),
            breathing: BTreeMap::new(),
            dark: BTreeSet::new(),
            lately: Default::default(),
        }
    }

    /// Lets end what has ended by `now`: a light that has breathed is on.
    pub(super) fn settle(&mut self, now: Instant) {
        let over: Vec<String> =
            self.breathing.iter().filter(|(_, until)| **until <= now).map(|(id, _)| id.clone()).collect();
        for id in over {
            self.breathing.remove(&id);
            if let Some(light) = self.get_mut("light", &id) {
                light["on"]["on"] = json!(true);
            }
        }
    }

    pub(super) fn all(&self, kind: &str) -> Option<Value> {
        self.resources.get(kind).map(|all| json!(all))
    }

    /// Changes a resource, unless that is one change too many; what it says may have had no effect.
    pub(super) fn change(
        &mut self,
        kind: &str,
        id: &str,
        change: &Value,
        now: Instant,
    ) -> Result<Vec<String>, Refused> {
        let (index, most) = if kind == "light" { (0, 10) } else { (1, 1) };
        let lately = &mut self.lately[index];
        while lately.front().is_some_and(|&at| now - at >= Duration::from_secs(1)) {
            lately.pop_front();
        }
        if lately.len() >= most {
            return Err(Refused::TooMany);
        }
        lately.push_back(now);
        match kind {
            "light" => self.change_one(id, change, now),
            "grouped_light" => {
                let group = self.get(kind, id).ok_or(Refused::Unknown)?;
                rules::check(group, change, true).map_err(Refused::Bad)?;
                for light in self.lights_of(&group["owner"]["rid"].clone()) {
                    self.apply(&light, change, now);
                }
                Ok(Vec::new())
            }
            "scene" => {
                let scene = self.get(kind, id).ok_or(Refused::Unknown)?;
                rules::check_scene(change).map_err(Refused::Bad)?;
                let actions = scene["actions"].as_array().cloned().unwrap_or_default();
                for action in actions {
                    let light = action["target"]["rid"].as_str().unwrap_or_default().to_owned();
                    self.apply(&light, &action["action"], now);
                }
                Ok(Vec::new())
            }
            _ => Err(Refused::Unknown),
        }
    }

    /// Changes a light as somebody else would, by its name.
    pub(super) fn change_light(
        &mut self,
        name: &str,
        change: &Value,
        now: Instant,
    ) -> Result<Vec<String>, Refused> {
        let id = self.id_of(name);
        self.change_one(&id, change, now)
    }

    fn change_one(&mut self, id: &str, change: &Value, now: Instant) -> Result<Vec<String>, Refused> {
        let light = self.get("light", id).ok_or(Refused::Unknown)?;
        rules::check(light, change, false).map_err(Refused::Bad)?;
        let doubt =
            |why: &str, field: &str| format!("device (light) {why}, command (.{field}) may not have effect");
        let names = change.as_object().into_iter().flat_map(|fields| fields.keys());
        if self.dark.contains(id) {
            return Ok(names.map(|name| doubt("has communication issues", name)).collect());
        }
        let will_be_on = change["on"]["on"].as_bool().or(light["on"]["on"].as_bool()) == Some(true);
        let looks = names.filter(|name| matches!(name.as_str(), "dimming" | "color" | "color_temperature"));
        let doubts: Vec<String> =
            looks.filter(|_| !will_be_on).map(|name| doubt("is \"soft off\"", name)).collect();
        if doubts.is_empty() {
            self.apply(id, change, now);
        }
        Ok(doubts)
    }

    /// What a light with power does. A signal changes nothing that is seen here: it ends as it began.
    fn apply(&mut self, id: &str, change: &Value, now: Instant) {
        if self.dark.contains(id) {
            return;
        }
        if change["alert"]["action"] == "breathe" {
            self.breathing.insert(id.to_owned(), now + BREATH);
            return;
        }
        if change["signaling"].is_object() {
            return;
        }
        // Whatever it is told ends its breathing.
        self.breathing.remove(id);
        let Some(light) = self.get_mut("light", id) else { return };
        for (name, field) in [("on", "on"), ("dimming", "brightness"), ("color", "xy")] {
            if !change[name][field].is_null() {
                light[name][field] = change[name][field].clone();
            }
        }
        let mirek = change["color_temperature"]["mirek"].as_u64();
        let is_tinted = mirek.is_some() || change["color"].is_object();
        if is_tinted && light["color_temperature"].is_object() {
            light["color_temperature"]["mirek"] = json!(mirek);
            light["color_temperature"]["mirek_valid"] = json!(mirek.is_some());
        }
    }

    pub(super) fn look(&self, name: &str) -> Value {
        let light = self.get("light", &self.id_of(name)).expect("a light");
        json!({
            "on": light["on"]["on"],
            "brightness": light["dimming"]["brightness"],
            "mirek": light["color_temperature"]["mirek"],
            "xy": light["color"]["xy"],
        })
    }

    pub(super) fn power(&mut self, name: &str, is_on: bool) {
        let id = self.id_of(name);
        if is_on {
            self.dark.remove(&id);
        } else {
            self.dark.insert(id);
        }
    }

    pub(super) fn remove_light(&mut self, name: &str) {
        if let Some(lights) = self.resources.get_mut("light") {
            lights.retain(|light| light["metadata"]["name"] != name);
        }
    }

    /// `kind/id body` with the name of what has the id. A group has that of its room.
    pub(super) fn with_name(&self, put: &str) -> String {
        let (path, body) = put.split_once(' ').unwrap_or((put, ""));
        let (kind, id) = path.split_once('/').unwrap_or((path, ""));
        let owner = self.get(kind, id).map(|resource| resource["owner"]["rid"].clone());
        let own = self.get(kind, id).and_then(|resource| resource["metadata"]["name"].as_str());
        let room =
            owner.and_then(|owner| self.group(&owner)).and_then(|group| group["metadata"]["name"].as_str());
        format!("{kind}/{} {body}", own.or(room).unwrap_or(id))
    }

    /// The ids of a room's or a zone's lights.
    fn lights_of(&self, group: &Value) -> Vec<String> {
        let children = self.group(group).and_then(|group| group["children"].as_array());
        let ids: Vec<&Value> = children.into_iter().flatten().map(|child| &child["rid"]).collect();
        let lights = self.resources["light"].iter();
        let inside =
            lights.filter(|light| ids.contains(&&light["id"]) || ids.contains(&&light["owner"]["rid"]));
        inside.filter_map(|light| Some(light["id"].as_str()?.to_owned())).collect()
    }

    fn group(&self, id: &Value) -> Option<&Value> {
        let id = id.as_str()?;
        self.get("room", id).or_else(|| self.get("zone", id))
    }

    fn id_of(&self, name: &str) -> String {
        let light = self.resources["light"].iter().find(|light| light["metadata"]["name"] == name);
        light.and_then(|light| light["id"].as_str()).expect("a light of this name").to_owned()
    }

    fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        self.resources.get(kind)?.iter().find(|resource| resource["id"] == id)
    }

    fn get_mut(&mut self, kind: &str, id: &str) -> Option<&mut Value> {
        self.resources.get_mut(kind)?.iter_mut().find(|resource| resource["id"] == id)
    }
}
