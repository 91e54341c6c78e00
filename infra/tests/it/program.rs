//! The program's text.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use infra::config::StackConfig;
use infra::settings::Settings;
use serde_json::json;

use crate::stack::Stack;

#[test]
fn a_bridge_with_defaults() {
    insta::assert_snapshot!(Stack::minimal().text());
}

#[test]
fn a_bridge_with_every_setting() {
    insta::assert_snapshot!(Stack::everything().text());
}

#[test]
fn a_bridge_with_a_private_authority_and_a_client_certificate() {
    insta::assert_snapshot!(Stack::private_authority().text());
}

#[test]
fn a_stack_without_a_bridge_declares_nothing() {
    insta::assert_snapshot!(Stack::without_bridge().text(), @r#"
    {
      "resources": {}
    }
    "#);
}

#[test]
fn a_change_of_architecture_reaches_the_image_and_the_function_and_nothing_else() {
    let (arm, intel) = (Stack::minimal(), Stack::minimal().bridge("architecture", json!("x86_64")));
    let changed: Vec<String> = arm
        .text()
        .lines()
        .zip(intel.text().lines())
        .filter(|(a, b)| a != b)
        .map(|(a, b)| format!("{a} ->{b}"))
        .collect();
    assert_eq!(changed.len(), 2, "{changed:#?}");
    assert!(changed.iter().all(|line| line.contains("arm64") && line.contains("x86_64")), "{changed:#?}");
}

#[test]
fn the_same_settings_give_the_same_text() {
    assert_eq!(Stack::everything().text(), Stack::everything().text());
}

#[test]
fn no_two_resources_have_one_name() {
    let config =
        StackConfig::from_environment(Stack::everything().lookup()).expect("readable").expect("there");
    let program = infra::program(&Settings::read(&config).expect("right"));
    let names: BTreeSet<&str> = program.resources().map(|(name, _)| name).collect();
    assert_eq!(names.len(), program.resources().count());
}

#[test]
fn without_a_config_the_program_names_its_packages() {
    // PULUMI_STACK may be there all the same: a user sets it to choose a stack.
    for environment in [BTreeMap::new(), BTreeMap::from([("PULUMI_STACK", "dev")])] {
        let text =
            infra::compile(|name| environment.get(name).map(OsString::from)).expect("no config is needed");
        insta::allow_duplicates! { insta::assert_snapshot!(text, @r#"
        {
          "resources": {
            "aws": {
              "options": {
                "version": "7.51.1"
              },
              "type": "aws:ecr/repository:Repository"
            },
            "porch": {
              "type": "porch:build:FunctionImage"
            }
          }
        }
        "#); }
    }
}
