//! README's table of settings is the settings.

use device::environment::Environment;
use device::settings::Settings;

/// What every integration has.
const OF_ALL: [&str; 5] = ["name", "bells", "deadline_s", "tries", "pictures"];

#[test]
fn every_setting_has_its_line_in_the_readme_and_there_are_no_others() {
    // What is told about an unknown setting lists all that there are beside it.
    let tables = [
        "[aws]",
        "[alexa]",
        "[gpio]",
        "[update]",
        "[history]",
        "[web]",
        "[[bell]]",
        "[[camera]]",
        "[[command]]",
        "[[hue]]",
        "[mqtt]",
        "[[sound]]",
        "[[webhook]]",
    ];
    let text: String = tables.iter().fold("x = 1\n".to_owned(), |text, table| text + table + "\nx = 1\n");
    let complaint = Settings::parse(&text, &Environment::read(|_| None)).expect_err("x").to_string();
    let unknown = complaint.lines().filter_map(|line| line.split_once("no such setting"));
    let mut names: Vec<String> = unknown
        .flat_map(|(name, list)| {
            let prefix = name.trim().trim_end_matches('x').replace("bell 1: ", "").replace(" 1: ", ".");
            let list = list.trim().trim_start_matches("expected one of ");
            let full = |name: &str| {
                if OF_ALL.contains(&name) { name.to_owned() } else { format!("{prefix}{name}") }
            };
            list.split(", ").map(full).collect::<Vec<_>>()
        })
        // A bell has a setting of that name too.
        .filter(|name| name == "gpio" || !tables.iter().any(|table| table.trim_matches(['[', ']']) == name))
        .collect();
    let readme = include_str!("../README.md");
    let mut told: Vec<String> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    told.sort();
    told.dedup();
    assert_eq!(told, names);
}
