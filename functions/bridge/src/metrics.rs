//! The line about a directive as CloudWatch metrics too, in its embedded metric format: CloudWatch makes metrics of what
//! is in the log, and the function calls nobody for that.
//!
//! Ten metrics for each function, which is what CloudWatch gives for free.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::log::{DirectiveLog, write_line};

/// The phases that are metrics, by what CloudWatch calls them; `settings` and `secrets` never matter.
const PHASES: [(&str, &str); 8] = [
    ("exec", "Exec"),
    ("local_api", "LocalApi"),
    ("control", "Control"),
    ("netmap", "Netmap"),
    ("name", "Name"),
    ("dial", "Dial"),
    ("tls", "Tls"),
    ("reply", "Reply"),
];

/// The line with its metrics. Their values must stand at the top of the object (AWS, "Embedded metric format").
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    directive: &'a DirectiveLog,
    #[serde(rename = "_aws")]
    declaration: Declaration,
    #[serde(rename = "Function")]
    function: &'a str,
    #[serde(flatten)]
    values: BTreeMap<&'static str, f64>,
}

/// What CloudWatch is to make of the line.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Declaration {
    /// Milliseconds since 1970.
    timestamp: u64,
    cloud_watch_metrics: [MetricDirective; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDirective {
    namespace: &'static str,
    /// The sets of members by which values are told apart.
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

impl DirectiveLog {
    /// Writes the line, with its metrics, about a directive that `function` answered at `now`. A log that cannot be
    /// written keeps no directive from its answer.
    pub fn write(&self, function: &str, now: SystemTime, log: &mut impl Write) {
        write_line(&line(self, function, now), log);
    }
}

fn line<'a>(directive: &'a DirectiveLog, function: &'a str, now: SystemTime) -> Line<'a> {
    let phases = PHASES.iter().filter_map(|(phase, name)| Some((*name, *directive.phases_ms.get(phase)?)));
    let mut values: BTreeMap<_, _> = phases.chain([("Elapsed", directive.elapsed_ms)]).collect();
    let mut metrics: Vec<_> = values.keys().map(|name| Metric { name, unit: "Milliseconds" }).collect();
    values.insert("Failed", f64::from(u8::from(directive.failure.is_some())));
    metrics.push(Metric { name: "Failed", unit: "Count" });
    let timestamp = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let declaration = Declaration {
        timestamp: u64::try_from(timestamp).unwrap_or_default(),
        cloud_watch_metrics: [MetricDirective { namespace: "porch", dimensions: [["Function"]], metrics }],
    };
    Line { directive, declaration, function, values }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alexa::Directive;

    use super::*;

    #[test]
    fn a_line_has_what_cloudwatch_makes_metrics_of_and_nothing_of_the_directive_itself() {
        let event = r#"{"directive":{"header":{"namespace":"Alexa.PowerController","name":"TurnOn"},
            "endpoint":{"endpointId":"light#bed","scope":{"token":"made-up-token"}}}}"#;
        let phases = vec![("dial", Duration::from_micros(4_250)), ("secrets", Duration::from_millis(2))];
        let directive = Directive::read(event.as_bytes());
        let log = DirectiveLog::new(&directive, None, true, Duration::from_millis(120), phases);
        let now = UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        let mut line = Vec::new();
        log.write("porch-dev-bridge", now, &mut line);
        insta::assert_snapshot!(String::from_utf8_lossy(&line), @r#"{"level":"INFO","message":"directive answered","namespace":"Alexa.PowerController","name":"TurnOn","outcome":"home_assistant","cold":true,"elapsed_ms":120.0,"phases_ms":{"dial":4.3,"secrets":2.0},"_aws":{"Timestamp":1700000000123,"CloudWatchMetrics":[{"Namespace":"porch","Dimensions":[["Function"]],"Metrics":[{"Name":"Dial","Unit":"Milliseconds"},{"Name":"Elapsed","Unit":"Milliseconds"},{"Name":"Failed","Unit":"Count"}]}]},"Function":"porch-dev-bridge","Dial":4.3,"Elapsed":120.0,"Failed":0.0}"#);
    }
}
