//! What is to flash: names of settings, found on the bridge.

mod names;
mod wanted;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::bridge::Bridge;
use crate::error::HueError;
use crate::wire::{
    Group, GroupedLight, Light, Recall, ResourceId, ResourceType, Scene, Supported, SupportedSignals,
};
use names::{Named, find};
pub use wanted::{Wanted, WrongName};

/// What is to flash, as the bridge knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    pub(crate) signals: Vec<Target>,
}

/// One thing to tell the bridge, that something flashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The kind of resource, as it stands in paths.
    pub(crate) kind: &'static str,
    pub(crate) id: ResourceId,
    pub(crate) name: String,
    pub(crate) way: Way,
    /// The lights that it is about.
    pub(crate) lights: Vec<ResourceId>,
}

/// How something flashes, the gentlest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// It signals for as long as it is told, and goes back by itself.
    Signal,
    /// It breathes for 15 s, and stays on.
    Breathe,
    /// It shows a scene.
    Show(Shown),
}

/// How a scene is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shown {
    AsItIs,
    WithoutMovement,
}

impl Shown {
    pub(crate) const fn recall(self) -> Recall {
        match self {
            Self::AsItIs => Recall::Active,
            Self::WithoutMovement => Recall::Static,
        }
    }
}

impl Targets {
    /// Every light that will flash, with the least gentle way in which it does.
    pub(crate) fn lights(&self) -> BTreeMap<ResourceId, Way> {
        let mut lights = BTreeMap::new();
        for target in &self.signals {
            for light in &target.lights {
                let way = lights.entry(light.clone()).or_insert(target.way);
                *way = target.way.max(*way);
            }
        }
        lights
    }
}

/// Asks for what there is, no more of it than names are wanted of.
pub(crate) async fn resolve(
    bridge: &Bridge,
    wanted: &Wanted,
    deadline: Instant,
) -> Result<Targets, HueError> {
    let lights: Vec<Light> = bridge.list("light", deadline).await?;
    let (mut groups, mut grouped, mut scenes) = (Vec::new(), Vec::new(), Vec::new());
    if !wanted.rooms.is_empty() || wanted.scene.is_some() {
        groups = bridge.list::<Group>("room", deadline).await?;
        groups.extend(bridge.list::<Group>("zone", deadline).await?);
    }
    if !wanted.rooms.is_empty() {
        grouped = bridge.list("grouped_light", deadline).await?;
    }
    if wanted.scene.is_some() {
        scenes = bridge.list("scene", deadline).await?;
    }
    House { lights, groups, grouped, scenes }.targets(wanted).map_err(HueError::WrongNames)
}

/// What there is.
struct House {
    lights: Vec<Light>,
    groups: Vec<Group>,
    grouped: Vec<GroupedLight>,
    scenes: Vec<Scene>,
}

impl House {
    fn targets(&self, wanted: &Wanted) -> Result<Targets, Vec<WrongName>> {
        let lights = wanted.lights.iter().map(|name| self.light(name));
        let rooms = wanted.rooms.iter().map(|name| self.room(name));
        let scene = wanted.scene.iter().map(|name| self.scene(name));
        let (mut signals, mut wrong) = (Vec::new(), Vec::new());
        for target in lights.chain(rooms).chain(scene) {
            match target {
                Ok(target) => signals.push(target),
                Err(error) => wrong.push(error),
            }
        }
        if wrong.is_empty() { Ok(Targets { signals }) } else { Err(wrong) }
    }

    fn light(&self, wanted: &str) -> Result<Target, WrongName> {
        let named = self.lights.iter().map(|light| Named::new(&light.id, &light.metadata.name, None, light));
        let light = find("light", wanted, named)?;
        let way = way(&light.signaling, &light.alert).ok_or_else(|| WrongName::still("light", wanted))?;
        let lights = vec![light.id.clone()];
        Ok(Target { kind: "light", id: light.id.clone(), name: light.metadata.name.clone(), way, lights })
    }

    fn room(&self, wanted: &str) -> Result<Target, WrongName> {
        let named = self.groups.iter().map(|group| Named::new(&group.id, &group.metadata.name, None, group));
        let group = find("room or zone", wanted, named)?;
        let service = group.services.iter().find(|service| service.rtype == ResourceType::GroupedLight);
        let grouped = service.and_then(|service| self.grouped.iter().find(|light| light.id == service.rid));
        let found = grouped.and_then(|grouped| Some((grouped, way(&grouped.signaling, &grouped.alert)?)));
        let (grouped, way) = found.ok_or_else(|| WrongName::still("room or zone", wanted))?;
        let is_in_it = |light: &&Light| {
            group.children.iter().any(|child| {
                let member = if child.rtype == ResourceType::Light { &light.id } else { &light.owner.rid };
                child.rid == *member
            })
        };
        let lights = self.lights.iter().filter(is_in_it).map(|light| light.id.clone()).collect();
        let (id, name) = (grouped.id.clone(), group.metadata.name.clone());
        Ok(Target { kind: "grouped_light", id, name, way, lights })
    }

    /// Scenes are called the same in many rooms, so that `room/scene` is a name as well.
    fn scene(&self, wanted: &str) -> Result<Target, WrongName> {
        let named = self.scenes.iter().map(|scene| {
            let group = self.groups.iter().find(|group| group.id == scene.group.rid);
            let full = group.map(|group| format!("{}/{}", group.metadata.name, scene.metadata.name));
            Named::new(&scene.id, &scene.metadata.name, full, scene)
        });
        let scene = find("scene", wanted, named)?;
        let shown = if scene.auto_dynamic { Shown::WithoutMovement } else { Shown::AsItIs };
        let targets = scene.actions.iter().map(|action| &action.target);
        let lights = targets.filter(|target| target.rtype == ResourceType::Light);
        Ok(Target {
            kind: "scene",
            id: scene.id.clone(),
            name: scene.metadata.name.clone(),
            way: Way::Show(shown),
            lights: lights.map(|target| target.rid.clone()).collect(),
        })
    }
}

/// A signal leaves the light to itself afterwards, so that it goes first.
fn way(signaling: &SupportedSignals, alert: &Supported) -> Option<Way> {
    let has = |values: &[String], wanted: &str| values.iter().any(|value| value == wanted);
    if has(&signaling.signal_values, "on_off") {
        Some(Way::Signal)
    } else if has(&alert.action_values, "breathe") {
        Some(Way::Breathe)
    } else {
        None
    }
}
