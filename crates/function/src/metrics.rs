//! A line of the log as CloudWatch metrics too, in its embedded metric format: CloudWatch makes metrics of what is in
//! the log, and the function calls nobody for that.
//!
//! At most ten metrics for each function, which is what CloudWatch gives for free.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// A line with its metrics. Their values must stand at the top of the object (AWS, "Embedded metric format").
#[derive(Debug, Serialize)]
pub struct Measured<'a, L> {
    #[serde(flatten)]
    line: &'a L,
    #[serde(rename = "_aws")]
    declaration: Declaration,
    #[serde(rename = "Function")]
    function: &'a str,
    #[serde(flatten)]
    values: BTreeMap<&'static str, f64>,
}

/// What CloudWatch is to make of the line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Declaration {
    /// Milliseconds since 1970.
    timestamp: u64,
    cloud_watch_metrics: [MetricDirective; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDirective {
    namespace: &'static str,
    /// The sets of members by which values are told apart.
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Metric>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

impl<'a, L: Serialize> Measured<'a, L> {
    /// The line about what `function` did at `now`: how many `milliseconds` of each kind it took, and what else is
    /// counted, with `Failed` among it.
    pub fn new(
        line: &'a L,
        function: &'a str,
        now: SystemTime,
        milliseconds: impl IntoIterator<Item = (&'static str, f64)>,
        counts: impl IntoIterator<Item = (&'static str, f64)>,
    ) -> Self {
        let mut values: BTreeMap<_, _> = milliseconds.into_iter().collect();
        let mut metrics: Vec<_> = values.keys().map(|name| Metric { name, unit: "Milliseconds" }).collect();
        for (name, count) in counts {
            values.insert(name, count);
            metrics.push(Metric { name, unit: "Count" });
        }
        let timestamp = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let declaration = Declaration {
            timestamp: u64::try_from(timestamp).unwrap_or_default(),
            cloud_watch_metrics: [MetricDirective {
                namespace: "porch",
                dimensions: [["Function"]],
                metrics,
            }],
        };
        Self { line, declaration, function, values }
    }
}
