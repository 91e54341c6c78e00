//! The metrics of a directive: ten, with how long each phase took.

use std::io::Write;
use std::time::SystemTime;

use function::log::write_line;
use function::metrics::Measured;

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
        write_line(&Measured::new(self, function, now, times, self.failure.is_some()), log);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

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
