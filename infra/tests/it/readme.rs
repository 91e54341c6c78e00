//! README's table of settings is the settings.

use serde_json::json;

use crate::stack::Stack;

#[test]
fn every_setting_has_its_line_in_the_readme() {
    let readme = include_str!("../../../README.md");
    // What is told about an unknown setting lists all that there are.
    let complaint = Stack::minimal().bridge("x", json!(1)).set("porch:x", "1").complaint();
    let lists: Vec<&str> = complaint
        .lines()
        .filter_map(|line| line.trim().split_once("one of "))
        .map(|(_, list)| list)
        .collect();
    assert_eq!(lists.len(), 2, "{complaint}");
    let names = lists.iter().flat_map(|list| list.split(", ")).filter(|name| *name != "porch:bridge");
    for name in names.chain(["aws:region"]) {
        assert!(readme.contains(&format!("\n| `{name}` |")), "README has no line about {name}");
    }
}
