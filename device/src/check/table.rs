//! What was found, for people.

use super::{Fault, Finding};

/// A line for each finding, and after them what to do about those that failed.
pub fn table(findings: &[Finding]) -> String {
    let widest = findings.iter().map(|finding| finding.what.chars().count()).max().unwrap_or_default();
    let lines = findings.iter().map(|Finding { what, outcome }| match outcome {
        Ok(found) => format!("{what:widest$}  good    {found}"),
        Err(Fault { found, .. }) => format!("{what:widest$}  FAILED  {found}"),
    });
    let faults = findings.iter().filter_map(|Finding { what, outcome }| {
        let Fault { remedy, .. } = outcome.as_ref().err()?;
        Some(format!("\nWhat to do about {what}:\n  {remedy}"))
    });
    lines.chain(faults).collect::<Vec<String>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_told_with_what_to_do() {
        let findings = [
            Finding::of("clock", Ok("2026-12-01T08:15:30Z".to_owned()), ""),
            Finding::of("front-door", Err("it is in use".to_owned()), "see who uses it"),
        ];
        insta::assert_snapshot!(table(&findings), @r"
        clock       good    2026-12-01T08:15:30Z
        front-door  FAILED  it is in use

        What to do about front-door:
          see who uses it
        ");
    }
}
