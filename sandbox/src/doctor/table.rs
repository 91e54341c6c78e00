//! The report as a person reads it.

use super::report::{Finding, Outcome, Report};

impl Report {
    /// An aligned table, then the advice.
    #[must_use]
    pub fn table(&self) -> String {
        let widest = self.hops.iter().map(|finding| finding.hop.len()).max().unwrap_or_default();
        let heading = format!("{:<widest$}  {:<7}  {:>9}  FOUND\n", "HOP", "OUTCOME", "TIME");
        let rows = self.hops.iter().map(|finding| row(finding, widest));
        let advice = self.hops.iter().filter_map(advice);
        std::iter::once(heading).chain(rows).chain(advice).collect()
    }
}

fn row(finding: &Finding, widest: usize) -> String {
    let Finding { hop, outcome, elapsed_ms, found, .. } = finding;
    let (outcome, time) = match outcome {
        Outcome::Passed => ("passed", format!("{elapsed_ms:.1} ms")),
        Outcome::Failed => ("FAILED", format!("{elapsed_ms:.1} ms")),
        Outcome::Skipped => ("skipped", String::new()),
    };
    // The lines of what a program said stay within their column.
    let indented = found.replace('\n', &format!("\n{:1$}", "", widest + 22));
    format!("{hop:<widest$}  {outcome:<7}  {time:>9}  {indented}\n")
}

fn advice(finding: &Finding) -> Option<String> {
    let advice = finding.advice.as_ref()?;
    let title = match finding.outcome {
        Outcome::Failed => "What to do about",
        Outcome::Passed | Outcome::Skipped => "A note on",
    };
    Some(format!("\n{title} {}:\n  {advice}\n", finding.hop))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../tests/fixtures/doctor-good.json");
    const ALEXA_OFF: &str = include_str!("../../tests/fixtures/doctor-alexa-off.json");

    #[test]
    fn a_report_is_a_table_with_its_advice_below() {
        for (captured, is_good) in [(GOOD, true), (ALEXA_OFF, false)] {
            let report: Report = serde_json::from_str(captured).unwrap();
            assert_eq!(report.is_good(), is_good);
            assert_eq!(report.json(), captured, "what came goes out unchanged");
            insta::assert_snapshot!(if is_good { "good" } else { "alexa_off" }, report.table());
        }
    }
}
