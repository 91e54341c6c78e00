//! What a bridge tells: entries of `data`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Color, ColorTemperature, Dimming, On};

/// The id of a resource, which stands in paths: hexadecimal digits and hyphens (a UUID, as a rule).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ResourceId(String);

impl TryFrom<String> for ResourceId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_good = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if is_good { Ok(Self(text)) } else { Err("not an id: hexadecimal digits and hyphens, at most 64") }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of resource that porch knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are Signify's")]
pub enum ResourceType {
    Light,
    GroupedLight,
    Room,
    Zone,
    Scene,
    Device,
    Bridge,
    #[serde(other)]
    Other,
}

/// A resource that another one names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reference {
    /// Its id.
    pub rid: ResourceId,
    /// Its kind.
    pub rtype: ResourceType,
}

/// What people call something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    /// Its name.
    pub name: String,
}

/// A `light`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "the types are the documentation")]
pub struct Light {
    pub id: ResourceId,
    /// The device that it is in.
    pub owner: Reference,
    pub metadata: Metadata,
    pub on: On,
    /// None if it is only on or off.
    pub dimming: Option<Dimming>,
    /// None if its white is fixed.
    pub color_temperature: Option<ColorTemperature>,
    /// None if it is white.
    pub color: Option<Color>,
    #[serde(default)]
    pub alert: Supported,
    #[serde(default)]
    pub signaling: SupportedSignals,
}

/// The alerts that there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Supported {
    /// By name.
    #[serde(default)]
    pub action_values: Vec<String>,
}

/// The signals that there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SupportedSignals {
    /// By name.
    #[serde(default)]
    pub signal_values: Vec<String>,
}

/// A `grouped_light`: all lights of a room or a zone, as one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the types are the documentation")]
pub struct GroupedLight {
    pub id: ResourceId,
    #[serde(default)]
    pub alert: Supported,
    #[serde(default)]
    pub signaling: SupportedSignals,
}

/// A `room` or a `zone`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: ResourceId,
    /// A room's devices, or a zone's lights.
    pub children: Vec<Reference>,
    /// The `grouped_light` among others, unless there is no light.
    pub services: Vec<Reference>,
    /// Its name.
    pub metadata: Metadata,
}

/// A `scene`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Scene {
    /// Its id.
    pub id: ResourceId,
    /// The room or the zone that it is for.
    pub group: Reference,
    /// What it does to which lights.
    pub actions: Vec<SceneAction>,
    /// Its name.
    pub metadata: SceneMetadata,
    /// Whether it begins to move when it is recalled.
    #[serde(default)]
    pub auto_dynamic: bool,
}

/// A part of a scene.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SceneAction {
    /// The light.
    pub target: Reference,
}

/// What people call a scene.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SceneMetadata {
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// The `bridge` itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BridgeResource {
    /// As it is printed on the bridge, in lower case.
    pub bridge_id: String,
}
