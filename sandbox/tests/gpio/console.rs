//! What an emulated machine says about its trials.

/// The last line of a machine that came to its end.
pub(crate) const END: &str = "trials ended";

/// Checks that these trials were made, in this order, and went well.
#[track_caller]
pub(crate) fn check(console: &str, wanted: &[&str]) {
    let told: Vec<&str> = console.lines().map(str::trim).collect();
    let found: Vec<&str> = told.iter().filter_map(|line| line.strip_prefix("trial ")).collect();
    let wanted: Vec<String> = wanted.iter().map(|name| format!("{name}: ok")).collect();
    assert_eq!(found, wanted, "\n{console}");
    assert!(told.contains(&END), "it did not come to its end\n{console}");
}
