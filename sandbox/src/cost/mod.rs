//! What a month costs: of one home, and of thousands with a stack each in one account.
//!
//! Counted from what the stack does by itself, from sizes that are measured (docs/performance.md), and from months that
//! are played.

mod month;
mod prices;

use std::fmt::Write;

use fastrand::Rng;

use self::month::{DAYS, Month};
pub use self::prices::Price;
use self::prices::{ALARMS, COMPUTE, IMAGES, LOGS, PACKAGES, READS, REQUESTS, TRANSFER, WRITES};

/// Numbers of homes that the table tells of.
pub const HOMES: [usize; 4] = [1, 100, 1000, 10_000];

/// How many days are played.
const PLAYED: u32 = 2;

/// Memory of the bridge, in GB: its default.
const MEMORY: f64 = 0.5;

const GB: f64 = 1e9;

/// Bytes of a directive in the log, with Lambda's own three lines and what CloudWatch adds to each of four.
const LOGGED: f64 = 657.0 + 262.0 + 4.0 * 26.0;

/// Bytes that go to a house for a directive: the request through the tailnet, and the node's own messages to its relay and
/// control server.
const SENT: f64 = 8_000.0;

/// Both images, each as many times as the repository keeps it.
const STORED_IMAGES: f64 = (9.12e6 + 2.6e6) * 3.0;

/// The daemon's packages: the newest, and those of three months if it is published once a week.
const STORED_PACKAGES: f64 = 3.51e6 * 13.0;

/// A daemon reads the table and writes a sign of life each minute: one customer's row has two tokens of up to 2 KB.
const MINUTES: f64 = DAYS * 24.0 * 60.0;
const UNITS_READ: f64 = 2.0;

/// Alarms of a stack with `alarmEmail`.
const WATCHED: f64 = 5.0;

/// What is charged for in a month.
#[derive(Clone, Debug)]
pub struct Bill {
    homes: usize,
    month: Month,
    /// How much of what.
    pub items: Vec<(Price, f64)>,
}

impl Bill {
    /// Of `homes` homes in one account, each with a bridge and a doorbell of its own.
    #[must_use]
    pub fn of(homes: usize) -> Self {
        // The same seed each time: the table in the documentation is the one that is printed.
        let month = month::played(homes, PLAYED, &mut Rng::with_seed(1));
        let each = |amount: f64| amount * count(homes);
        let items = vec![
            (REQUESTS, month.directives),
            (COMPUTE, month.seconds * MEMORY),
            (LOGS, month.directives * LOGGED / GB),
            (ALARMS, each(WATCHED)),
            (READS, each(MINUTES * UNITS_READ)),
            (WRITES, each(MINUTES)),
            (IMAGES, each(STORED_IMAGES / GB)),
            (PACKAGES, each(STORED_PACKAGES / GB)),
            (TRANSFER, month.directives * SENT / GB),
        ];
        Self { homes, month, items }
    }

    /// All of it, in USD.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.items.iter().map(|(price, units)| price.of(*units)).sum()
    }
}

/// The bills for [`HOMES`] side by side, in Markdown.
#[must_use]
pub fn table() -> String {
    let bills = HOMES.map(Bill::of);
    let mut text = String::from("| a month, in USD |");
    for bill in &bills {
        let homes = if bill.homes == 1 { "home" } else { "homes" };
        let _ = write!(text, " {} {homes} |", thousands(count(bill.homes)));
    }
    text += "\n|---|---:|---:|---:|---:|\n";
    for (row, (price, _)) in bills[0].items.iter().enumerate() {
        let _ = write!(text, "| {} |", price.what);
        for bill in &bills {
            let (price, units) = bill.items[row];
            let _ = write!(text, " {:.2} |", price.of(units));
        }
        text.push('\n');
    }
    let mut line = |what: &str, value: &dyn Fn(&Bill) -> String| {
        let values: String = bills.iter().map(|bill| format!(" {} |", value(bill))).collect();
        let _ = writeln!(text, "| {what} |{values}");
    };
    line("**together**", &|bill| format!("**{:.2}**", bill.total()));
    line("for each home", &|bill| format!("{:.3}", bill.total() / count(bill.homes)));
    line("directives", &|bill| thousands(bill.month.directives));
    line("of these after a cold start", &|bill| {
        format!("{:.0} %", 100.0 * bill.month.cold / bill.month.directives)
    });
    line("functions at once, at most", &|bill| bill.month.at_once.to_string());
    line("reads of tables a second", &|bill| format!("{:.1}", count(bill.homes) / 60.0));
    text
}

fn count(homes: usize) -> f64 {
    u32::try_from(homes).map_or(f64::MAX, f64::from)
}

/// With a blank between thousands.
fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_the_table_that_is_computed() {
        let documentation = include_str!("../../../docs/operations.md");
        let table = table();
        assert!(documentation.contains(&table), "docs/operations.md should have this table:\n\n{table}");
    }

    #[test]
    fn what_is_free_is_not_charged() {
        assert_eq!(REQUESTS.of(999_999.0), 0.0);
        assert!((REQUESTS.of(2e6) - 0.2).abs() < 1e-9);
        assert!(Bill::of(1).total() < 1.0);
    }

    #[test]
    fn large_numbers_can_be_read() {
        let cases = [(0.0, "0"), (999.0, "999"), (1000.0, "1 000"), (1_234_567.4, "1 234 567")];
        for (number, wanted) in cases {
            assert_eq!(thousands(number), wanted);
        }
    }
}
