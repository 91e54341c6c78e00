//! What of a tool's output a person wants to see when it failed.

/// The longest report handed to Pulumi: it travels in a gRPC trailer, which has to stay small.
const LONGEST: usize = 12_000;

/// First words of the lines that only say how far cargo or go is.
const PROGRESS: &[&str] = &[
    "Adding",
    "Blocking",
    "Compiling",
    "Downloaded",
    "Downloading",
    "Finished",
    "Fresh",
    "Locking",
    "Updating",
    "go: downloading",
];

/// The output without its progress lines, and without its end if it is very long: the first error comes first.
pub(super) fn report(output: &str) -> String {
    let wanted: Vec<&str> = output.lines().filter(|line| !is_progress(line)).collect();
    let text = wanted.join("\n");
    let text = text.trim_end();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\n… the rest is in the provider's log", &text[..end]),
        None => text.to_owned(),
    }
}

fn is_progress(line: &str) -> bool {
    let line = line.trim_start();
    PROGRESS.iter().any(|word| line.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')))
}

/// Whether a tool failed because the disk is full: tools only say so in words.
pub(super) fn says_disk_full(output: &str) -> bool {
    output.to_ascii_lowercase().contains("no space left on device")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compile_error_is_kept_as_the_compiler_shows_it() {
        let output = "   Compiling serde v1.0.0\n    Blocking waiting for file lock\n\
                      error[E0609]: no field `payloud`\n --> src/main.rs:8:90\n  |\n8 |     e.payloud\n  |       ^^^^^^^\n\n\
                      error: could not compile `echo`\n";
        insta::assert_snapshot!(report(output), @r"
        error[E0609]: no field `payloud`
         --> src/main.rs:8:90
          |
        8 |     e.payloud
          |       ^^^^^^^

        error: could not compile `echo`
        ");
    }

    #[test]
    fn a_very_long_output_keeps_its_beginning() {
        let report = report(&"é".repeat(LONGEST * 2));
        assert!(report.starts_with("éé") && report.ends_with("the rest is in the provider's log"));
    }
}
