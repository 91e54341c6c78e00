//! The doorbell's part of the program.

use std::collections::BTreeMap;
use std::ffi::OsString;

use doorbell::{Bell, Settings, VARIABLES};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::environment::environment;
use crate::stack::Stack;

fn resource(stack: &Stack, name: &str) -> Value {
    stack.program()["resources"][name].clone()
}

/// The statements of a policy, each as its actions and its resources.
fn statements(policy: &Value) -> Vec<(Value, Value)> {
    let statements =
        policy["properties"]["policy"]["fn::toJSON"]["Statement"].as_array().expect("statements");
    statements.iter().map(|one| (one["Action"].clone(), one["Resource"].clone())).collect()
}

#[test]
fn a_doorbell_with_defaults() {
    insta::assert_snapshot!(Stack::only_doorbell().text());
}

#[test]
fn the_function_accepts_what_the_stack_sets() {
    for stack in [Stack::only_doorbell(), Stack::every_doorbell_setting()] {
        let environment: BTreeMap<_, _> = environment(&stack, "doorbellFunction");
        let read = Settings::read(|name| environment.get(name).map(OsString::from));
        assert!(read.is_ok(), "{}", read.expect_err("wrong"));
        let set: Vec<_> = environment.keys().filter(|name| !name.starts_with("AWS_")).collect();
        let mut wanted = VARIABLES.to_vec();
        wanted.sort_unstable();
        assert_eq!(set, wanted);
        let bells = resource(&stack, "doorbellBellsParameter")["properties"]["value"].clone();
        assert!(Bell::read_all(bells.as_str().expect("a text")).is_some(), "{bells}");
    }
}

#[test]
fn both_ends_read_the_same_parameters_but_for_the_bells() {
    let stack = Stack::only_doorbell();
    let read = |policy: &str| statements(&resource(&stack, policy))[0].clone();
    let (function, daemon) = (read("doorbellPermissions"), read("doorbellUser1Permissions"));
    assert_eq!((&function.0, &daemon.0), (&json!(["ssm:GetParameters"]), &json!(["ssm:GetParameters"])));
    let mut function = function.1.as_array().expect("parameters").clone();
    assert_eq!(function.len(), 5);
    function.retain(|parameter| parameter != "${doorbellBellsParameter.arn}");
    assert_eq!(&function, daemon.1.as_array().expect("parameters"));
}

#[test]
fn nobody_may_do_more_to_the_table_than_he_does() {
    let stack = Stack::only_doorbell();
    let table = json!(["${doorbellTable.arn}"]);
    let function = statements(&resource(&stack, "doorbellPermissions"));
    assert_eq!(function[1], (json!(["dynamodb:GetItem", "dynamodb:UpdateItem"]), table.clone()));
    assert_eq!(function.len(), 3);
    let daemon = statements(&resource(&stack, "doorbellUser1Permissions"));
    let grants = json!(["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:UpdateItem"]);
    assert_eq!(daemon[1..], [(grants, table.clone()), (json!(["dynamodb:PutItem"]), table)]);
}

#[test]
fn the_table_is_protected_unless_it_is_not_wanted() {
    let protected = |stack: &Stack| {
        let table = resource(stack, "doorbellTable");
        let deletion = table["properties"]["deletionProtectionEnabled"].clone();
        (table["options"]["protect"].clone(), deletion)
    };
    assert_eq!(protected(&Stack::only_doorbell()), (json!(true), json!(true)));
    assert_eq!(protected(&Stack::every_doorbell_setting()), (Value::Null, json!(false)));
}

#[test]
fn a_rotation_keeps_the_key_that_is_in_use() {
    let keys = |rotation: u32| {
        let program = Stack::only_doorbell().doorbell("keyRotation", json!(rotation)).program();
        let resources = program["resources"].as_object().expect("resources");
        let keys = resources.iter().filter(|(_, resource)| resource["type"] == "aws:iam/accessKey:AccessKey");
        let keys: Vec<(String, String)> =
            keys.map(|(name, key)| (name.clone(), key["properties"]["user"].to_string())).collect();
        (keys, program["outputs"]["doorbellAccessKeyId"].clone())
    };
    let newest = |number: u32| json!(format!("${{doorbellAccessKey{number}.id}}"));
    assert_eq!(keys(1).1, newest(1));
    for rotation in 1..5 {
        let ((before, _), (after, output)) = (keys(rotation), keys(rotation + 1));
        assert_eq!(output, newest(rotation + 1));
        assert!(after.contains(before.last().expect("a key")), "{before:?} {after:?}");
        let users: std::collections::BTreeSet<_> = after.iter().map(|(_, user)| user).collect();
        assert_eq!((after.len(), users.len()), (2, 2), "a key each");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let stack = Stack::only_doorbell()
        .unset("porch:doorbellClientSecret")
        .doorbell("skillId", json!("amzn1.ask.skill.x"))
        .doorbell("clientId", json!("amzn1.oa2-cs.v1.x"))
        .doorbell("keyRotation", json!(0))
        .doorbell(
            "bells",
            json!([{"id": "front door", "name": ""}, "gate", {"id": "back"}, {"id": "x", "name": "X", "gpio": 4}]),
        );
    insta::assert_snapshot!(stack.complaint());
}

#[test]
fn bells_are_wanted_and_told_apart() {
    let long = |number: u32| json!({"id": format!("{number}{}", "a".repeat(250)), "name": "b".repeat(128)});
    let many: Value = (10..22).map(long).collect();
    for (bells, wanted) in [
        (json!([]), "porch:doorbell.bells: found an empty list"),
        (json!("front-door"), "porch:doorbell.bells: found"),
        (
            json!([{"id": "a", "name": "A"}, {"id": "b", "name": "B"}, {"id": "a", "name": "C"}]),
            "porch:doorbell.bells[2].id",
        ),
        (many, "porch:doorbell.bells: found more text than fits into a parameter"),
    ] {
        let complaint = Stack::only_doorbell().doorbell("bells", bells).complaint();
        assert!(complaint.contains(wanted), "{complaint}");
    }
}

proptest! {
    #[test]
    fn a_bell_that_is_accepted_here_is_accepted_there(id in r"[ -~]{0,12}", name in r"\PC{0,12}") {
        let bells = json!([{ "id": id, "name": name }]);
        let here = infra::compile(Stack::only_doorbell().doorbell("bells", bells.clone()).lookup()).is_ok();
        prop_assert_eq!(here, Bell::read_all(&bells.to_string()).is_some());
    }
}
