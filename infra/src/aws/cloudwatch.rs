//! CloudWatch: alarms on metrics.

use std::collections::BTreeMap;

use serde::Serialize;

use super::VERSION;
use crate::template::{Resource, Text};

/// An alarm on one metric.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricAlarm {
    /// Name in the account and region.
    pub name: Text,
    /// What a person reads who is woken by it.
    pub alarm_description: Text,
    /// Who makes the metric, like `AWS/Lambda`.
    pub namespace: &'static str,
    /// The metric.
    pub metric_name: &'static str,
    /// Which of the metric's values.
    pub dimensions: BTreeMap<&'static str, Text>,
    /// What is made of the values of one period.
    #[serde(flatten)]
    pub statistic: Statistic,
    /// Seconds.
    pub period: u32,
    /// How many periods are looked at.
    pub evaluation_periods: u32,
    /// How many of them must be bad.
    pub datapoints_to_alarm: u32,
    /// When a period is bad.
    pub comparison_operator: Comparison,
    /// Compared with this.
    pub threshold: u32,
    /// What a period without a value means.
    pub treat_missing_data: MissingData,
    /// ARNs of what is told when the alarm goes off.
    pub alarm_actions: [Text; 1],
    /// ARNs of what is told when it is over.
    pub ok_actions: [Text; 1],
}

impl Resource for MetricAlarm {
    const TYPE: &'static str = "aws:cloudwatch/metricAlarm:MetricAlarm";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// What is made of the values of one period.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum Statistic {
    /// All of them together.
    #[serde(rename = "statistic")]
    Sum(Sum),
    /// What this share of them, like `p95`, does not exceed.
    #[serde(rename = "extendedStatistic")]
    Percentile(&'static str),
}

/// The word for it.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum Sum {
    /// `Sum`.
    Sum,
}

/// When a period is bad.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum Comparison {
    /// At the threshold or above.
    GreaterThanOrEqualToThreshold,
}

/// What a period without a value means.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingData {
    /// Nothing bad: nobody spoke to Alexa.
    NotBreaching,
}
