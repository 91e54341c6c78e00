//! What is said to a bridge and what it answers, as far as porch cares. Unknown fields are left out of account.

mod change;
mod resource;

pub use change::{Action, Alert, Change, Recall, SceneChange, Signal, Signaling};
pub use resource::{
    BridgeResource, Group, GroupedLight, Light, Metadata, Reference, ResourceId, ResourceType, Scene,
    SceneAction, SceneMetadata, Supported, SupportedSignals,
};

use serde::{Deserialize, Serialize};

/// `on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct On {
    /// Whether it is.
    pub on: bool,
}

/// `dimming`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimming {
    /// In per cent, 0 to 100.
    pub brightness: f64,
}

/// `color_temperature`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColorTemperature {
    /// In mirek, as a rule 153 to 500; none while the color is no shade of white.
    pub mirek: Option<u16>,
}

/// `color`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Color {
    /// The place in CIE's color space.
    pub xy: Xy,
}

/// A place in CIE's color space, both between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Xy {
    pub x: f64,
    pub y: f64,
}

/// The envelope of every answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Answer<T> {
    /// What went wrong, in words.
    #[serde(default = "Vec::new")]
    pub errors: Vec<Fault>,
    /// What was asked for.
    #[serde(default = "Vec::new")]
    pub data: Vec<T>,
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Fault {
    /// In words.
    pub description: String,
}
