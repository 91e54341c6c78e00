//! What is new in a log that is read again and again.

use std::collections::HashMap;

use aws::logs::LogEvent;

use super::Function;

/// CloudWatch shows a line some seconds after it was written, and not in order: this much of the past is read again, in
/// milliseconds.
const OVERLAP: u64 = 30_000;

/// A line of a function's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose it is.
    pub function: Function,
    /// The line, and when it was written.
    pub event: LogEvent,
}

/// From where to read on, and what of that was seen already.
#[derive(Clone, Debug)]
pub struct Tail {
    from: u64,
    latest: u64,
    /// When the lines with these ids were written.
    seen: HashMap<String, u64>,
}

impl Entry {
    pub(super) fn new(function: Function, event: LogEvent) -> Self {
        Self { function, event }
    }
}

impl Tail {
    /// Begins at `since`, in milliseconds since 1970.
    #[must_use]
    pub fn new(since: u64) -> Self {
        Self { from: since, latest: since, seen: HashMap::new() }
    }

    /// From when on to read next.
    #[must_use]
    pub fn from(&self) -> u64 {
        self.from
    }

    /// Those of `read` that were not there before, the oldest first.
    pub fn news(&mut self, read: Vec<Entry>) -> Vec<Entry> {
        let is_new = |entry: &Entry| !self.seen.contains_key(&entry.event.id);
        let mut news: Vec<Entry> = read.into_iter().filter(is_new).collect();
        // Lines of one moment stay in the order in which they were read.
        news.sort_by_key(|entry| entry.event.timestamp);
        for Entry { event, .. } in &news {
            self.latest = self.latest.max(event.timestamp);
            self.seen.insert(event.id.clone(), event.timestamp);
        }
        self.from = self.from.max(self.latest.saturating_sub(OVERLAP));
        self.seen.retain(|_, written| *written >= self.from);
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, timestamp: u64) -> Entry {
        Entry {
            function: Function::Bridge,
            event: LogEvent { timestamp, message: String::new(), id: id.into() },
        }
    }

    fn ids(news: &[Entry]) -> Vec<&str> {
        news.iter().map(|entry| entry.event.id.as_str()).collect()
    }

    #[test]
    fn every_line_is_told_once_and_a_late_one_as_well() {
        let mut tail = Tail::new(1_000_000);
        assert_eq!(ids(&tail.news(vec![entry("b", 1_040_000), entry("a", 1_035_000)])), ["a", "b"]);
        assert_eq!(tail.from(), 1_010_000);
        let again = vec![entry("a", 1_035_000), entry("late", 1_039_000), entry("b", 1_040_000)];
        assert_eq!(ids(&tail.news(again)), ["late"]);
        assert_eq!(ids(&tail.news(Vec::new())), Vec::<&str>::new());
    }

    #[test]
    fn what_was_seen_does_not_pile_up() {
        let mut tail = Tail::new(0);
        for second in 0..1000 {
            tail.news(vec![entry(&format!("{second}"), second * 1000)]);
        }
        assert!(tail.seen.len() <= 32, "{}", tail.seen.len());
    }
}
