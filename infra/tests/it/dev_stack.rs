//! The dev stack's config in the tree, which plays the part of a person's: it must be right, and stay on this
//! machine.

use serde_json::Value;

use crate::stack::Stack;

const CONFIG: &str = include_str!("../../../Pulumi.dev.yaml");

/// The `name: value` lines below the line `heading`, as far as they are indented more; all that this file
/// needs of YAML.
fn below(heading: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let mut lines = CONFIG.lines().skip_while(move |line| line.trim() != heading);
    let outer = lines.next().map(indent).unwrap_or_else(|| panic!("no {heading} in Pulumi.dev.yaml"));
    lines.take_while(move |line| indent(line) > outer).filter(|line| !line.trim_start().starts_with('#')).map(
        |line| line.trim_start_matches([' ', '-']).split_once(": ").expect("a value on the line of its name"),
    )
}

#[test]
fn its_bridge_is_accepted() {
    let (_, region) = below("config:").find(|(name, _)| *name == "aws:region").expect("a region");
    let mut stack =
        Stack::without_bridge().named("dev").set("aws:region", region).set("porch:tailscaleAuthKey", "k");
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    for (name, text) in below("porch:bridge:") {
        stack = stack.bridge(name, value(text));
    }
    for (name, text) in below("porch:alexa:") {
        stack = stack.alexa(name, value(text));
    }
    stack = stack.set("porch:alexaClientSecret", "c").set("porch:alexaRefreshToken", "r");
    let program = stack.program();
    assert_eq!(program["resources"]["bridgeFunction"]["properties"]["name"], "porch-dev-bridge");
    assert_eq!(program["resources"]["bridgeSkill"]["options"].get("protect"), None);
}

#[test]
fn every_service_that_the_program_uses_is_the_emulator() {
    let stacks = [
        Stack::everything(),
        Stack::oauth_client(),
        Stack::package(),
        Stack::own_skills(),
        Stack::previews_of_nothing(),
    ];
    let programs = stacks.map(|stack| stack.program());
    let resources = programs.iter().flat_map(|program| program["resources"].as_object().expect("resources"));
    for token in resources.map(|(_, resource)| resource).filter_map(|resource| resource["type"].as_str()) {
        let Some((service, _)) = token.strip_prefix("aws:").and_then(|token| token.split_once('/')) else {
            continue;
        };
        let service = if service == "cloudwatch" { "logs" } else { service };
        let endpoint = below("aws:endpoints:").find(|(name, _)| *name == service);
        assert_eq!(endpoint, Some((service, "http://127.0.0.1:4566")), "{token}");
    }
}
