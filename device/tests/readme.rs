//! README's table of settings is the settings.

use device::environment::Environment;
use device::settings::Settings;

#[test]
fn every_setting_has_its_line_in_the_readme_and_there_are_no_others() {
    // What is told about an unknown setting lists all that there are beside it.
    let text = "x = 1\n[aws]\nx = 1\n[alexa]\nx = 1\n[gpio]\nx = 1\n[[bell]]\nx = 1\n";
    let complaint = Settings::parse(text, &Environment::read(|_| None)).expect_err("x").to_string();
    let unknown = complaint.lines().filter_map(|line| line.split_once("no such setting"));
    let mut names: Vec<String> = unknown
        .flat_map(|(name, list)| {
            let prefix = name.trim().trim_end_matches('x').replace("bell 1: ", "");
            let list = list.trim().trim_start_matches("expected one of ");
            list.split(", ").map(|name| format!("{prefix}{name}")).collect::<Vec<_>>()
        })
        .filter(|name| !["aws", "alexa", "bell"].contains(&name.as_str()))
        .collect();
    let readme = include_str!("../README.md");
    let mut told: Vec<String> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    told.sort();
    assert_eq!(told, names);
}
