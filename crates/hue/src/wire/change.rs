//! What is said to a bridge: bodies of PUT.

use serde::{Deserialize, Serialize};

use super::{Color, ColorTemperature, Dimming, On};

/// A change of a `light` or a `grouped_light`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the types are the documentation")]
pub struct Change {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<On>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimming: Option<Dimming>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color_temperature: Option<ColorTemperature>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signaling: Option<Signaling>,
}

/// `alert`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// What to do.
    pub action: Action,
}

/// What an alert can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Slowly up and down for 15 s; a light that was off stays on.
    Breathe,
}

/// `signaling`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signaling {
    /// What to show.
    pub signal: Signal,
    /// For how long, in ms: whole seconds, at most 65,534 of them. [`Signal::NoSignal`] needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
}

/// What can be signaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The signal ends.
    NoSignal,
    /// Off and as bright as can be, in turn.
    OnOff,
}

/// A change of a `scene`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneChange {
    /// How to show it.
    pub recall: Recall,
}

/// `recall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Recall {
    /// As the scene is; one whose colors move by themselves begins to move.
    Active,
    /// Without movement.
    Static,
}
