//! A line of a function's log, for people.

use std::collections::HashSet;
use std::fmt::Write;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::macros::format_description;

use super::Entry;

/// Members that have their own place in a line, or none.
const TOLD: [&str; 10] = [
    "level",
    "message",
    "namespace",
    "name",
    "outcome",
    "elapsed_ms",
    "cold",
    "phases_ms",
    "_aws",
    "Function",
];

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `INFO`, `WARN`, `ERROR`; `-` for a line of Lambda's own.
    pub level: String,
    /// The rest.
    pub text: String,
}

/// A line with its time (UTC) and function, or nothing for those of Lambda's that say nothing new.
#[must_use]
pub fn for_people(entry: &Entry) -> Option<String> {
    let Line { level, text } = Line::read(&entry.event.message)?;
    let at = i128::from(entry.event.timestamp) * 1_000_000;
    let at = OffsetDateTime::from_unix_timestamp_nanos(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");
    let at = at.format(format).unwrap_or_default();
    Some(format!("{at}  {:<11}  {level:<5}  {text}\n", entry.function.name()))
}

impl Line {
    /// Reads a line as the function or Lambda wrote it. That an invocation starts or ends is nothing new, since it is
    /// reported with what it took.
    #[must_use]
    pub fn read(message: &str) -> Option<Self> {
        let message = message.trim_end();
        if let Ok(line) = serde_json::from_str::<Map<String, Value>>(message) {
            return Some(Self::of(&line));
        }
        if message.is_empty()
            || ["START ", "END ", "INIT_START "].iter().any(|start| message.starts_with(start))
        {
            return None;
        }
        let text = message.strip_prefix("REPORT ").map_or_else(|| printable(message), reported);
        Some(Self { level: "-".into(), text })
    }

    fn of(line: &Map<String, Value>) -> Self {
        let word = |name: &str| line.get(name).filter(|value| !value.is_null()).map(plain);
        let mut text = word("message").unwrap_or_default();
        if let (Some(namespace), Some(name)) = (word("namespace"), word("name")) {
            let _ = write!(text, "  {namespace} {name}");
        }
        if let Some(outcome) = word("outcome") {
            let _ = write!(text, " -> {outcome}");
        }
        if let Some(elapsed) = word("elapsed_ms") {
            let _ = write!(text, "  {elapsed} ms");
        }
        if line.get("cold") == Some(&Value::Bool(true)) {
            text += "  cold";
        }
        if let Some(Value::Object(phases)) = line.get("phases_ms") {
            text += &phases_of(phases);
        }
        let metrics = metrics(line);
        let mut others: Vec<_> = line
            .iter()
            .filter(|(name, value)| {
                !value.is_null() && !TOLD.contains(&name.as_str()) && !metrics.contains(name.as_str())
            })
            .collect();
        others.sort_by_key(|(name, _)| *name);
        for (name, value) in others {
            let _ = write!(text, "  {}={}", printable(name), plain(value));
        }
        Self { level: word("level").unwrap_or_else(|| "-".into()), text }
    }
}

/// The members that are there once more, as metrics.
fn metrics(line: &Map<String, Value>) -> HashSet<&str> {
    let directives = line.get("_aws").and_then(|declared| declared["CloudWatchMetrics"].as_array());
    let metrics = directives.into_iter().flatten().filter_map(|directive| directive["Metrics"].as_array());
    metrics.flatten().filter_map(|metric| metric["Name"].as_str()).collect()
}

fn phases_of(phases: &Map<String, Value>) -> String {
    if phases.is_empty() {
        return String::new();
    }
    let phases: Vec<String> =
        phases.iter().map(|(name, elapsed)| format!("{} {elapsed}", printable(name))).collect();
    format!("  ({})", phases.join(", "))
}

/// What Lambda reports: `REPORT RequestId: …<tab>Duration: 7.01 ms<tab>…`.
fn reported(report: &str) -> String {
    let of = |name: &str| {
        let found = report.split('\t').find_map(|part| part.trim().strip_prefix(name));
        found.map(|value| printable(value.trim_start_matches(':').trim()))
    };
    let mut text = format!("took {}", of("Duration").unwrap_or_else(|| "-".into()));
    for (name, said) in
        [("Billed Duration", "billed"), ("Init Duration", "start"), ("Max Memory Used", "memory")]
    {
        if let Some(value) = of(name) {
            let _ = write!(text, ", {said} {value}");
        }
    }
    text
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            printable(&value.to_string())
        }
    }
}

/// A log has words of strangers in it: none of them moves the cursor or changes colours.
fn printable(text: &str) -> String {
    let escaped = |letter: char| {
        if letter.is_control() { letter.escape_default().to_string() } else { letter.to_string() }
    };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployed::Function;
    use aws::logs::LogEvent;

    fn read(message: &str) -> String {
        Line::read(message).map_or_else(String::new, |Line { level, text }| format!("{level} {text}"))
    }

    #[test]
    fn a_directive_is_told_in_one_line() {
        let line = r#"{"level":"INFO","message":"directive answered","namespace":"Alexa.Discovery","name":"Discover",
            "outcome":"home_assistant","failure":null,"cold":true,"elapsed_ms":141.6,"phases_ms":{"control":114.9,"dial":7.2},
            "_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"Control"},{"Name":"Elapsed"}]}]},
            "Function":"porch-dev-bridge","Control":114.9,"Elapsed":141.6}"#;
        let wanted = "INFO directive answered  Alexa.Discovery Discover -> home_assistant  141.6 ms  cold  \
                      (control 114.9, dial 7.2)";
        assert_eq!(read(line), wanted);
    }

    #[test]
    fn what_failed_is_told_with_the_reason() {
        let line = r#"{"level":"WARN","message":"linking request answered","outcome":"refused","status":404,
            "failure":"client_id is not amazon's","cold":false,"elapsed_ms":0.0,"phases_ms":{}}"#;
        let wanted =
            "WARN linking request answered -> refused  0.0 ms  failure=client_id is not amazon's  status=404";
        assert_eq!(read(line), wanted);
    }

    #[test]
    fn lambda_s_own_lines_are_made_short() {
        let report = "REPORT RequestId: 7\tInit Duration: 120.04 ms\tDuration: 7.01 ms\tBilled Duration: 8 ms\tMemory Size: 512 \
                      MB\tMax Memory Used: 64 MB\t";
        assert_eq!(read(report), "- took 7.01 ms, billed 8 ms, start 120.04 ms, memory 64 MB");
        assert_eq!(read("7 Task timed out after 8.00 seconds\n"), "- 7 Task timed out after 8.00 seconds");
        for nothing_new in
            ["START RequestId: 7 Version: $LATEST\n", "END RequestId: 7", "INIT_START x", "", "\n"]
        {
            assert_eq!(Line::read(nothing_new), None, "{nothing_new}");
        }
    }

    #[test]
    fn no_stranger_moves_the_cursor() {
        assert_eq!(read("x\u{1b}[2Jy"), "- x\\u{1b}[2Jy");
        assert_eq!(read("{\"message\":\"a\\u001b[31m\\nb\"}"), "- a\\u{1b}[31m\\nb");
    }

    #[test]
    fn a_line_begins_with_its_time_and_its_function() {
        let event = LogEvent { timestamp: 1_795_943_534_614, message: "hello\n".into(), id: String::new() };
        let entry = Entry { function: Function::KeyRenewal, event };
        assert_eq!(for_people(&entry).unwrap(), "2026-11-29 09:12:14.614  key-renewal  -      hello\n");
    }
}
