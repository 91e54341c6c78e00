//! README's tables of settings are the settings.

use serde_json::json;

use crate::stack::Stack;

const README: &str = include_str!("../../../README.md");

/// All that there is in place of what `complaint` is about: one list for each unknown setting.
fn lists(complaint: &str) -> Vec<Vec<&str>> {
    let lists = complaint.lines().filter_map(|line| line.trim().split_once("one of "));
    lists.map(|(_, list)| list.split(", ").collect()).collect()
}

/// README's sections about skills, about the doorbell, about its machine's package and about GitHub, and the rest.
fn parts() -> ([&'static str; 4], String) {
    let section = |rest: &'static str, heading| rest.split_once(heading).expect("a section");
    let (before, rest) = section(README, "\n### Skills without the console\n");
    let (skills, rest) = section(rest, "\n### The doorbell\n");
    let (doorbell, rest) = section(rest, "\n### The Raspberry Pi's package\n");
    let (device, rest) = section(rest, "\n### Previews and deploys by GitHub\n");
    let (previews, after) = section(rest, "\n## ");
    ([skills, doorbell, device, previews], format!("{before}{after}"))
}

fn has_lines_about<'a>(part: &str, names: impl IntoIterator<Item = &'a str>) {
    for name in names {
        assert!(part.contains(&format!("\n| `{name}` |")), "README has no line about {name}");
    }
}

#[test]
fn every_setting_has_its_line_in_the_readme() {
    let ([skills, doorbell, device, previews], bridge) = parts();
    let complaint = Stack::minimal().bridge("x", json!(1)).set("porch:x", "1").complaint();
    let [fields, keys] = lists(&complaint).try_into().expect("two lists");
    let groups = ["porch:bridge", "porch:doorbell", "porch:device", "porch:alexa", "porch:previews"];
    let secrets = keys.into_iter().filter(|key| !groups.contains(key));
    let (of_doorbell, others): (Vec<&str>, Vec<&str>) =
        secrets.partition(|key| key.starts_with("porch:doorbell"));
    let (of_skills, others): (Vec<&str>, Vec<&str>) =
        others.into_iter().partition(|key| key.starts_with("porch:alexa"));
    has_lines_about(&bridge, fields.into_iter().chain(others).chain(["aws:region"]));

    let complaint = Stack::only_doorbell().doorbell("x", json!(1)).complaint();
    let [fields] = lists(&complaint).try_into().expect("one list");
    has_lines_about(doorbell, fields.into_iter().chain(of_doorbell));

    let complaint = Stack::own_skills().alexa("x", json!(1)).complaint();
    let [fields] = lists(&complaint).try_into().expect("one list");
    has_lines_about(skills, fields.into_iter().chain(of_skills));

    let complaint = Stack::package().device("x", json!(1)).complaint();
    let [fields] = lists(&complaint).try_into().expect("one list");
    has_lines_about(device, fields);

    let complaint = Stack::previews_of_nothing().previews("x", json!(1)).complaint();
    let [fields] = lists(&complaint).try_into().expect("one list");
    has_lines_about(previews, fields);
}

#[test]
fn every_resource_about_the_door_is_a_step_that_is_done_by_hand_elsewhere() {
    let ([_, doorbell, device, _], _) = parts();
    let program = Stack::package().program();
    let names = program["resources"].as_object().expect("resources").keys();
    for name in names.filter(|name| *name != "porchPlugin") {
        let section = if name.starts_with("device") { device } else { doorbell };
        assert!(section.contains(&format!("`{name}`")), "README does not say what {name} is for");
    }
}
