//! EventBridge Scheduler: what is done at which times.

use serde::Serialize;

use super::VERSION;
use crate::template::{Resource, Text};

/// Something that is done again and again.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Name in the account's default group.
    pub name: Text,
    /// For people.
    pub description: Text,
    /// When, like `rate(1 day)`, which counts from when the schedule is made.
    pub schedule_expression: Text,
    /// How exactly then.
    pub flexible_time_window: FlexibleTimeWindow,
    /// What is done.
    pub target: Target,
}

impl Resource for Schedule {
    const TYPE: &'static str = "aws:scheduler/schedule:Schedule";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// How exactly a schedule keeps to its times.
#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "mode")]
pub enum FlexibleTimeWindow {
    /// Within the minute.
    Off,
    /// At any moment of the minutes that follow, so that not everybody comes at once.
    #[serde(rename_all = "camelCase")]
    Flexible {
        /// 1 to 1440.
        maximum_window_in_minutes: u32,
    },
}

/// What a schedule does: it invokes a function.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// ARN of the function.
    pub arn: Text,
    /// ARN of the role that invokes it.
    pub role_arn: Text,
    /// The event, as JSON.
    pub input: Text,
}
