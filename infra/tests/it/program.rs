//! The program's text.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use infra::config::StackConfig;
use infra::settings::Settings;
use serde_json::{Value, json};

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
fn a_bridge_whose_key_an_oauth_client_makes() {
    insta::assert_snapshot!(Stack::oauth_client().besides(&Stack::minimal()));
}

#[test]
fn a_bridge_whose_key_is_made_by_what_aws_says() {
    insta::assert_snapshot!(Stack::workload_identity().besides(&Stack::minimal()));
}

#[test]
fn who_is_told_of_the_bridge_is_told_of_its_key_too() {
    let alarms = |stack: &Stack| {
        let program = stack.program();
        let alarm = &program["resources"]["keyRenewalErrorsAlarm"]["properties"];
        (alarm["alarmActions"][0].clone(), alarm["dimensions"]["FunctionName"].clone())
    };
    let told = (json!("${alarmTopic.arn}"), json!("${keyRenewalFunction.name}"));
    assert_eq!(alarms(&Stack::oauth_client().bridge("alarmEmail", json!("me@example.org"))), told);
    assert_eq!(alarms(&Stack::oauth_client()), (Value::Null, Value::Null));
    assert_eq!(alarms(&Stack::everything()), (Value::Null, Value::Null));
}

#[test]
fn only_a_key_of_tailscale_s_that_a_person_made_is_watched_for_its_end() {
    let alarm = |stack: &Stack| {
        let program = stack.clone().bridge("alarmEmail", json!("me@example.org")).program();
        let alarm = &program["resources"]["bridgeKeyAlarm"]["properties"];
        (alarm["metricName"].clone(), alarm["threshold"].clone(), alarm["period"].clone())
    };
    assert_eq!(alarm(&Stack::minimal()), (json!("KeyDays"), json!(76), json!(86_400)));
    let own = Stack::minimal().bridge("controlUrl", json!("https://headscale.example.org"));
    for stack in [own, Stack::oauth_client(), Stack::workload_identity()] {
        assert_eq!(alarm(&stack), (Value::Null, Value::Null, Value::Null));
    }
}

#[test]
fn another_tag_makes_another_key() {
    let first_key = |stack: &Stack| stack.program()["resources"]["keyRenewalFirstKey"].clone();
    let stack = Stack::oauth_client();
    assert_ne!(first_key(&stack), first_key(&stack.clone().bridge("tailnetTags", json!(["tag:other"]))));
    assert_eq!(first_key(&stack), first_key(&stack.clone().bridge("memory", json!(1024))));
}

#[test]
fn what_keeps_the_bridge_warm_may_invoke_it_and_nothing_else() {
    let program = Stack::minimal().bridge("keepWarm", json!(true)).program();
    let properties = |resource: &str| program["resources"][resource]["properties"].clone();
    let target = &properties("bridgeWarmSchedule")["target"];
    assert_eq!(target["arn"], "${bridgeFunction.arn}");
    assert_eq!(target["roleArn"], "${bridgeWarmScheduleRole.arn}");
    assert_eq!(target["input"], r#"{"porch":"warm"}"#);
    let statements = &properties("bridgeWarmSchedulePermissions")["policy"]["fn::toJSON"]["Statement"];
    let invoke = json!([{
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunction"],
        "Resource": ["${bridgeFunction.arn}"],
    }]);
    assert_eq!(statements, &invoke);
    for off in [Stack::minimal(), Stack::minimal().bridge("keepWarm", json!(false))] {
        assert_eq!(off.text(), Stack::minimal().text(), "what is off declares nothing");
    }
    assert!(!Stack::minimal().text().contains("scheduler"));
}

#[test]
fn every_name_of_a_role_fits_into_aws() {
    let stack = Stack::oauth_client().bridge("keepWarm", json!(true));
    let program = stack.named(&"x".repeat(40)).program();
    let roles: Vec<&Value> = program["resources"]
        .as_object()
        .expect("resources")
        .values()
        .filter(|resource| resource["type"] == "aws:iam/role:Role")
        .collect();
    assert_eq!(roles.len(), 4);
    for role in roles {
        let name = role["properties"]["name"].as_str().expect("a name");
        assert!(name.len() <= 64, "{name}");
    }
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
    for stack in [Stack::everything(), Stack::oauth_client(), Stack::package(), Stack::own_skills()] {
        let config = StackConfig::from_environment(stack.lookup()).expect("readable").expect("there");
        let program = infra::program(&Settings::read(&config).expect("right"));
        let names: BTreeSet<&str> = program.resources().map(|(name, _)| name).collect();
        assert_eq!(names.len(), program.resources().count());
    }
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
