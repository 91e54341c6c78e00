//! Every property of the program is one that its provider has, with a value of its type.
//!
//! `tests/schema/aws.json` is the part about porch's resources of the official `aws` package's schema, which
//! the engine checks against too; `porch_provider` tells its own.

mod checker;

use serde_json::{Value, json};

use self::checker::Checker;
use crate::stack::Stack;

fn checker() -> Checker {
    let aws = serde_json::from_str(include_str!("../schema/aws.json")).expect("the schema is JSON");
    Checker::new([aws, porch_provider::schema()])
}

#[test]
fn every_program_fits_the_schemas() {
    for stack in [
        Stack::without_bridge(),
        Stack::minimal(),
        Stack::everything(),
        Stack::oauth_client().bridge("alarmEmail", json!("me@example.org")),
        Stack::workload_identity(),
        Stack::only_doorbell(),
        Stack::every_doorbell_setting(),
        Stack::package(),
        Stack::every_device_setting(),
        Stack::with_names(),
        Stack::own_skills(),
        Stack::every_alexa_setting(),
        Stack::everything().previews("repository", json!("octo-org/porch")).previews("refresh", json!(true)),
    ] {
        let problems = checker().problems(&stack.program());
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

#[test]
fn the_checker_finds_what_does_not_fit() {
    let cases: &[(&str, Value, &str)] = &[
        ("/bridgeRepository/type", json!("aws:ecr/repo:Repo"), "no resource"),
        ("/bridgeRepository/properties/nmae", json!("x"), "bridgeRepository.nmae: no such property"),
        (
            "/bridgeRepository/properties/forceDelete",
            json!("yes"),
            "is \"string\" where \"boolean\" is wanted",
        ),
        (
            "/bridgeRepository/properties/imageScanningConfiguration",
            json!({"scan": true}),
            ".scan: no such property",
        ),
        ("/bridgeRepository/properties/imageScanningConfiguration", json!({}), "lacks \"scanOnPush\""),
        ("/bridgeRepository/options/protekt", json!(true), "no option"),
        ("/bridgeRepository/options/version", json!("6.0.0"), "is pinned to"),
        ("/bridgeRole/properties", json!({"name": "x"}), "bridgeRole: lacks \"assumeRolePolicy\""),
        (
            "/bridgePermissions/properties/policy/fn::toJSON/Statement/0/Efect",
            json!("Allow"),
            "Efect: no such property",
        ),
        (
            "/bridgePermissions/properties/policy/fn::toJSON/Statement/0/Effect",
            json!("Alow"),
            "none of the values",
        ),
        (
            "/bridgePermissions/properties/policy/fn::toJSON/Statement/0/Resource/0",
            json!("${bridgeRole.ar}"),
            "no such output",
        ),
        ("/bridgeAuthKey/properties/type", json!("SecretString"), "none of the values"),
        ("/bridgeAuthKey/properties/value", json!("${tailscaleAuthkey}"), "there is no \"tailscaleAuthkey\""),
        ("/bridgeFunction/properties/timeout", json!("8"), "is \"string\" where \"integer\" is wanted"),
        ("/bridgeFunction/properties/timeout", json!(8.5), "where \"integer\" is wanted"),
        (
            "/bridgeFunction/properties/timeout",
            json!("${bridgeRole.arn}"),
            "is \"string\" where \"integer\" is wanted",
        ),
        ("/bridgeFunction/properties/architectures", json!("arm64"), "where \"array\" is wanted"),
        (
            "/bridgeFunction/properties/architectures",
            json!([7]),
            "architectures[0]: 7 where \"string\" is wanted",
        ),
        ("/bridgeFunction/properties/environment/variables/X", json!({}), "where \"string\" is wanted"),
        ("/bridgeFunction/options/dependsOn", json!(["${bridgeLogs}"]), "there is no \"bridgeLogs\""),
        ("/bridgeImage/properties/repository", json!("x"), "bridgeImage.repository: no such property"),
    ];
    for (place, value, expected) in cases {
        let mut program = Stack::minimal().program();
        let (parent, field) = place.rsplit_once('/').expect("a path");
        let parent = program["resources"].pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}"));
        match field.parse::<usize>() {
            Ok(index) => parent[index] = value.clone(),
            Err(_) => parent[field] = value.clone(),
        }
        let problems = checker().problems(&program);
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{place} = {value}: {problems:?}");
    }
}
