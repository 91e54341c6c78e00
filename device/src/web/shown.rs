//! How things read on a page.

use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use maud::{Markup, html};

use crate::core::{Health, LineHealth};
use crate::history::State;
use crate::record::{ALEXA, Outcome};

/// A moment on the clock on the wall.
pub(super) struct When(Option<Zoned>, Option<Zoned>);

impl When {
    /// What is to be shown of `at`, at `now`.
    pub(super) fn of(at: Option<SystemTime>, now: Option<SystemTime>, zone: &TimeZone) -> Self {
        let zoned = |at: SystemTime| Timestamp::try_from(at).ok().map(|at| at.to_zoned(zone.clone()));
        Self(at.and_then(zoned), now.and_then(zoned))
    }

    /// In words, like `today, 08:15:30`.
    pub(super) fn words(&self) -> String {
        let Some(at) = &self.0 else { return "at an unknown time".to_owned() };
        let day = match &self.1 {
            Some(now) if now.date() == at.date() => "today".to_owned(),
            Some(now) if now.date().yesterday().ok() == Some(at.date()) => "yesterday".to_owned(),
            Some(now) if now.year() == at.year() => at.strftime("%A, %-d %B").to_string(),
            Some(_) | None => at.strftime("%A, %-d %B %Y").to_string(),
        };
        format!("{day}, {}", at.strftime("%H:%M:%S"))
    }

    /// The same for browsers to understand as well.
    pub(super) fn html(&self) -> Markup {
        match &self.0 {
            Some(at) => {
                html! { time datetime=(at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()) { (self.words()) } }
            }
            None => html! { (self.words()) },
        }
    }
}

/// A time that something took.
pub(super) fn took(time: Duration) -> String {
    match time.as_millis() {
        milliseconds @ 0..1000 => format!("{milliseconds} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// How long ago something was, to the largest unit.
pub(super) fn ago(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// So many of something.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// How somebody is called who is told of presses.
pub(super) fn name(who: &str) -> &str {
    if who == ALEXA { "Alexa" } else { who }
}

/// What came of it, in a word, and how that looks.
pub(super) fn outcome(outcome: Outcome) -> Markup {
    let (class, word) = match outcome {
        Outcome::Done => ("good", "✓ done"),
        Outcome::Failed => ("bad", "✕ failed"),
        Outcome::Quiet => ("soft", "– quiet"),
        Outcome::Skipped => ("soft", "– left out"),
    };
    html! { span class=(class) { (word) } }
}

/// All that is not as it should be, in sentences.
pub(super) fn troubles(health: &Health, history: &State) -> Vec<String> {
    let mut troubles = Vec::new();
    if !health.is_clock_set {
        troubles.push("The clock is not set: Alexa is told of nothing before it is.".to_owned());
    }
    for bell in &health.bells {
        match &bell.line {
            LineHealth::Opening | LineHealth::Watched => {}
            LineHealth::Stuck => troubles.push(format!("{}: the button is stuck.", bell.name)),
            LineHealth::Unwatched(why) => {
                troubles.push(format!("{}: the button cannot be watched: {why}.", bell.name));
            }
        }
        if let Some(why) = &bell.heartbeat {
            troubles.push(format!("{}: no sign of life can be written: {why}.", bell.name));
        }
    }
    let alexa = &health.alexa;
    let calls = [
        ("Who has linked the skill cannot be read", &alexa.table),
        ("Access to Alexa cannot be renewed", &alexa.tokens),
        ("Alexa did not accept the last press", &alexa.gateway),
    ];
    for (what, why) in calls {
        troubles.extend(why.as_ref().map(|why| format!("{what}: {why}.")));
    }
    if alexa.linked == Some(0) {
        troubles.push("Nobody has linked the skill: Alexa announces nothing.".to_owned());
    }
    for condition in &health.integrations {
        if let Some(why) = &condition.trouble {
            let rest = if condition.is_left_alone { " It is left alone for a while." } else { "" };
            troubles.push(format!("{} did not do its part last time: {why}.{rest}", condition.name));
        }
    }
    troubles.extend(history.trouble.as_ref().map(|why| format!("The history: {why}.")));
    troubles
}
