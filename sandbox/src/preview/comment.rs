//! Previews as one comment of a pull request, in GitHub's Markdown.
//!
//! What comes from a program or from AWS stands in code blocks only, so that nothing in it can mean something.

use std::fmt::Write;

use super::Report;
use super::digest::{Change, Diagnostic, Digest, Operation, Step};

/// What GitHub takes as the text of a comment.
pub const LIMIT: usize = 65_536;

/// The comment's first line, which nobody sees: by it the comment is found again and written anew.
pub const MARKER: &str = "<!-- porch: previews -->";

const TITLE: &str = "## What `pulumi up` would do\n";

/// Longest value of a property that is shown whole, in characters.
const VALUE: usize = 160;
/// Longest failure that is shown whole, in characters.
const FAILURE: usize = 8_000;
/// What is kept free for lines about what was left out.
const RESERVE: usize = 400;

/// The comment about these previews, at most [`LIMIT`] characters.
#[must_use]
pub fn comment(reports: &[Report]) -> String {
    let mut text = format!("{MARKER}\n{TITLE}");
    if reports.is_empty() {
        text += "\nNo stack of this checkout has a `Pulumi.STACK.yaml`.\n";
    }
    for (done, report) in reports.iter().enumerate() {
        let left = reports.len() - done;
        let room = LIMIT.saturating_sub(length(&text) + RESERVE);
        let summary = summary(report);
        if length(&summary) > room {
            let _ = write!(text, "\n{left} more of the stacks do not fit in here.\n");
            break;
        }
        text += &summary;
        // Each stack gets its part of what is left, and leaves what it does not use to the next.
        let room = (room - length(&summary)) / left;
        text += &changes(&report.digest, &report.stack, room);
    }
    text
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Heading, counts, and what went wrong.
fn summary(report: &Report) -> String {
    let Report { stack, digest, failure } = report;
    let stack = stack.replace('`', "");
    let mut text = format!("\n### `{stack}`: {}\n", headline(report));
    if !digest.change_summary.is_empty() {
        text += "\n| create | update | replace | delete | same |\n|---:|---:|---:|---:|---:|\n|";
        for operation in ["create", "update", "replace", "delete", "same"] {
            let _ = write!(text, " {} |", digest.count(operation));
        }
        text.push('\n');
    }
    let mut told: Vec<String> = digest.diagnostics.iter().filter_map(Diagnostic::told).collect();
    if told.is_empty() {
        told.extend(failure.clone());
    }
    if !told.is_empty() {
        text.push('\n');
        text += &block("text", &cut(&told.join("\n\n"), FAILURE));
    }
    text
}

fn headline(Report { digest, failure, .. }: &Report) -> String {
    if failure.is_some() {
        return "**failed**".into();
    }
    let parts = [
        ("create", "to create"),
        ("update", "to update"),
        ("replace", "to replace"),
        ("delete", "to delete"),
    ];
    let parts = parts.map(|(operation, words)| (digest.count(operation), words));
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    if parts.is_empty() { "no changes".into() } else { parts.join(", ") }
}

/// What would become of each resource, folded away, in at most `room` characters.
fn changes(digest: &Digest, stack: &str, room: usize) -> String {
    let lines: Vec<String> = digest
        .steps
        .iter()
        .filter_map(|step| Some((step, step.operation()?)))
        .flat_map(|(step, operation)| lines(step, operation))
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let whole = folded(&block("diff", &lines.join("\n")));
    if length(&whole) <= room {
        return whole;
    }
    let stack = stack.replace('`', "");
    let rest =
        |count: usize| format!("\n{count} more lines are in `pulumi preview --diff --stack {stack}`.\n");
    let (mut fits, mut fence) = (0, 0);
    let mut used = length(&folded(&block("diff", ""))) + length(&rest(lines.len()));
    for line in &lines {
        used += length(line) + 1;
        // Longer ones than those of an empty block, at both ends.
        fence = fence.max(longest_run(line));
        if used + 2 * fence > room {
            break;
        }
        fits += 1;
    }
    if fits == 0 {
        return rest(lines.len());
    }
    folded(&block("diff", &lines[..fits].join("\n"))) + &rest(lines.len() - fits)
}

/// The resource, then its properties.
fn lines(step: &Step, operation: Operation) -> Vec<String> {
    let what = match operation {
        Operation::Create => "+ create ",
        Operation::Update => "! update ",
        Operation::Replace => "! replace",
        Operation::Delete => "- delete ",
    };
    let head = format!("{what} {}  {}", step.name(), step.kind());
    let is_whole = matches!(operation, Operation::Create | Operation::Delete);
    let changes = if is_whole { Vec::new() } else { step.changes() };
    std::iter::once(head).chain(changes.iter().map(line)).collect()
}

fn line(Change { property, replaces, before, after }: &Change) -> String {
    let because = if *replaces { "  (replaces it)" } else { "" };
    let value = |value: &Option<String>| value.as_deref().map(|value| cut(value, VALUE));
    let change = match (value(before), value(after)) {
        (Some(before), Some(after)) => format!(": {before} => {after}"),
        (None, Some(after)) => format!(": now {after}"),
        (Some(before), None) => format!(": no longer {before}"),
        (None, None) => String::new(),
    };
    format!("      {property}{change}{because}")
}

fn folded(block: &str) -> String {
    format!("\n<details><summary>What changes</summary>\n\n{block}\n</details>\n")
}

/// A code block that nothing in `text` can end.
fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

/// How many backticks stand together at most.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

/// At most `most` characters of `text`, and how many more there are.
fn cut(text: &str, most: usize) -> String {
    let count = length(text);
    if count <= most {
        return text.to_string();
    }
    let kept: String = text.chars().take(most).collect();
    format!("{kept}… ({} more characters)", count - most)
}
