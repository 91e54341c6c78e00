//! What is counted since the process began, and how it reads for Prometheus (text format 0.0.4).

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::core::{Health, LineHealth};
use crate::history::State;
use crate::record::Record;

/// Where the parts of the histogram end, in seconds.
const BOUNDS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Names that are told apart. They come from the settings, which can be read anew with other names again and again.
const NAMES: usize = 100;

/// What was counted.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// By the bell, and whether it was a trial.
    presses: BTreeMap<(String, bool), u64>,
    /// By who was to be told, and what came of it.
    outcomes: BTreeMap<(String, &'static str), u64>,
    times: BTreeMap<String, Times>,
    pictures: u64,
}

#[derive(Clone, Debug, Default)]
struct Times {
    parts: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

/// What is read at the moment.
#[derive(Clone, Copy, Debug)]
pub struct Readings<'a> {
    /// How the daemon is.
    pub health: &'a Health,
    /// How the history is.
    pub history: &'a State,
    /// How old the last reading of the grants is.
    pub grants_age: Option<Duration>,
    /// How long the process runs.
    pub uptime: Duration,
    /// Bytes of memory that it has (`VmRSS`).
    pub resident: Option<u64>,
}

impl Metrics {
    /// Counts something that happened.
    pub fn count(&self, record: &Record) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match record {
            Record::Visit { press, is_trial, .. } => {
                bump(&mut counts.presses, (press.bell.to_string(), *is_trial));
            }
            Record::Outcome { who, outcome, took, .. } => {
                bump(&mut counts.outcomes, (who.clone(), outcome.as_str()));
                if counts.times.len() < NAMES || counts.times.contains_key(who) {
                    counts.times.entry(who.clone()).or_default().add(*took);
                }
            }
            Record::Picture { .. } => counts.pictures += 1,
            Record::Dated { .. } => {}
        }
    }

    /// All of it as text.
    pub fn render(&self, readings: &Readings<'_>) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = Text::default();
        text.family("porch_build_info", "gauge", "The version that runs.");
        text.sample("porch_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        text.family("porch_presses_total", "counter", "Presses of a bell since the process began.");
        for ((bell, is_trial), count) in &counts.presses {
            let trial = if *is_trial { "true" } else { "false" };
            text.sample("porch_presses_total", &[("bell", bell), ("trial", trial)], count);
        }
        text.family("porch_outcomes_total", "counter", "What came of telling somebody of a press.");
        for ((who, outcome), count) in &counts.outcomes {
            text.sample("porch_outcomes_total", &[("integration", who), ("outcome", outcome)], count);
        }
        text.family(
            "porch_outcome_seconds",
            "histogram",
            "From the edge of a press to the end of telling somebody.",
        );
        for (who, times) in &counts.times {
            times.render(who, &mut text);
        }
        text.family("porch_pictures_total", "counter", "Pictures that were taken.");
        text.sample("porch_pictures_total", &[], counts.pictures);
        drop(counts);
        readings.render(&mut text);
        text.0
    }
}

impl Readings<'_> {
    fn render(&self, text: &mut Text) {
        let Self { health, history, grants_age, uptime, resident } = self;
        text.family(
            "porch_button_watched",
            "gauge",
            "Whether the button of a bell is watched, and not stuck.",
        );
        for bell in &health.bells {
            let is_good = u8::from(bell.line == LineHealth::Watched);
            text.sample("porch_button_watched", &[("bell", bell.id.as_str())], is_good);
        }
        text.family("porch_integration_works", "gauge", "Whether an integration did its part last time.");
        for condition in &health.integrations {
            let is_good = u8::from(condition.trouble.is_none());
            text.sample("porch_integration_works", &[("integration", condition.name.as_str())], is_good);
        }
        let (alexa, update) = (&health.alexa, &health.update);
        let alexa_works = alexa.table.is_none() && alexa.tokens.is_none() && alexa.gateway.is_none();
        let seconds = |age: Duration| age.as_secs_f64();
        let gauges: [(&str, &str, Option<f64>); 10] = [
            (
                "porch_alexa_works",
                "Whether the last calls to AWS and Amazon went well.",
                Some(f64::from(alexa_works)),
            ),
            ("porch_grants", "How many have linked the skill.", alexa.linked.map(number)),
            ("porch_grants_age_seconds", "Since the grants were read last.", grants_age.map(seconds)),
            ("porch_clock_set", "Whether this machine's clock is set.", Some(f64::from(health.is_clock_set))),
            ("porch_history_visits", "Visits in the history.", Some(number(history.visits))),
            ("porch_history_pictures", "Pictures in the history.", Some(number(history.pictures))),
            ("porch_history_bytes", "Bytes of the history.", Some(number(history.bytes))),
            (
                "porch_update_available",
                "Whether there is a newer package, if that was seen.",
                update.news.as_ref().map(|news| f64::from(news.is_update_available())),
            ),
            ("porch_uptime_seconds", "Since the process began.", Some(seconds(*uptime))),
            ("process_resident_memory_bytes", "Memory of the process.", resident.map(number)),
        ];
        for (name, help, value) in gauges {
            if let Some(value) = value {
                text.family(name, "gauge", help);
                text.sample(name, &[], value);
            }
        }
    }
}

impl Times {
    fn add(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        for (part, bound) in self.parts.iter_mut().zip(BOUNDS) {
            *part += u64::from(seconds <= bound);
        }
        self.count += 1;
        self.sum += seconds;
    }

    fn render(&self, who: &str, text: &mut Text) {
        for (part, bound) in self.parts.iter().zip(BOUNDS) {
            let bound = bound.to_string();
            text.sample("porch_outcome_seconds_bucket", &[("integration", who), ("le", &bound)], part);
        }
        text.sample("porch_outcome_seconds_bucket", &[("integration", who), ("le", "+Inf")], self.count);
        text.sample("porch_outcome_seconds_sum", &[("integration", who)], self.sum);
        text.sample("porch_outcome_seconds_count", &[("integration", who)], self.count);
    }
}

fn bump<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    if counts.len() < NAMES || counts.contains_key(&key) {
        *counts.entry(key).or_default() += 1;
    }
}

#[expect(clippy::cast_precision_loss, reason = "no count here needs more than 52 bits")]
fn number(count: impl TryInto<u64>) -> f64 {
    count.try_into().unwrap_or_default() as f64
}

/// The format's lines.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a text does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", Escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

/// A label's value, as the format wants it.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '\\' => formatter.write_str("\\\\"),
            '"' => formatter.write_str("\\\""),
            '\n' => formatter.write_str("\\n"),
            other => formatter.write_char(other),
        })
    }
}
