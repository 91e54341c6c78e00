//! The metrics of a directive: ten, with how long each phase took, and another as long as the key to the tailnet is old.

use std::io::Write;
use std::time::SystemTime;

use function::log::write_line;
use function::metrics::Measured;

use crate::key_age::OldKey;
use crate::log::DirectiveLog;

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

impl DirectiveLog {
    /// Writes the line, with its metrics, about a directive that `function` answered at `now`. A log that cannot be
    /// written keeps no directive from its answer.
    pub fn write(&self, function: &str, now: SystemTime, log: &mut impl Write) {
        let phases = PHASES.iter().filter_map(|(phase, name)| Some((*name, *self.phases_ms.get(phase)?)));
        let times = phases.chain([("Elapsed", self.elapsed_ms)]);
        // Of a key that is young there is none: it would be one more than CloudWatch gives for free.
        let old_key = OldKey::of(self.key_written, now).map(|key| ("KeyDays", key.days as f64));
        let failed = ("Failed", f64::from(u8::from(self.failure.is_some())));
        write_line(&Measured::new(self, function, now, times, [failed].into_iter().chain(old_key)), log);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use alexa::Directive;

    use super::*;

    #[test]
    fn an_old_key_is_a_metric_and_a_young_one_is_none() {
        let metric = |days: u64| {
            let now = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
            let mut log = DirectiveLog::new(&Directive::default(), None, false, Duration::ZERO, Vec::new());
            log.key_written = Some(now - Duration::from_secs(days * 86_400));
            let mut line = Vec::new();
            log.write("porch-dev-bridge", now, &mut line);
            let line: serde_json::Value = serde_json::from_slice(&line).expect("json");
            let declared = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].to_string();
            assert_eq!(declared.contains("KeyDays"), line["KeyDays"].is_number(), "{line}");
            line["KeyDays"].as_f64()
        };
        assert_eq!((metric(75), metric(77)), (None, Some(77.0)));
    }

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
