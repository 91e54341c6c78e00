//! The part of the program that lets GitHub preview and deploy the stack.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stack::Stack;

fn properties(stack: &Stack, name: &str) -> Value {
    stack.program()["resources"][name]["properties"].clone()
}

fn policy(stack: &Stack, name: &str) -> Value {
    properties(stack, name)["policy"]["fn::toJSON"].clone()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text"))
}

/// The actions of those statements of a policy that have this `effect`.
fn actions(policy: &Value, effect: &str) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let chosen = statements.filter(|statement| statement["Effect"] == effect);
    chosen.flat_map(|statement| texts(&statement["Action"])).map(str::to_owned).collect()
}

/// Every stack with all that it can have, and with previews.
fn whole_stacks() -> [Stack; 3] {
    let whole = |stack: Stack| {
        let bells = json!([{"id": "front-door", "name": "Front door"}]);
        stack
            .set("porch:doorbellClientSecret", "amzn1.oa2-cs.v1.made-up")
            .doorbell("skillId", json!("amzn1.ask.skill.fedcba98-7654-3210-fedc-ba9876543210"))
            .doorbell("clientId", json!("amzn1.application-oa2-client.0123456789abcdef"))
            .doorbell("bells", bells)
            .doorbell("keyRotation", json!(2))
            .device("architecture", json!("armhf"))
            .previews("repository", json!("octo-org/porch"))
    };
    let identity = Stack::workload_identity().bridge("alarmEmail", json!("me@example.org"));
    [Stack::everything(), identity, Stack::oauth_client()].map(whole)
}

#[test]
fn previews_with_defaults() {
    insta::assert_snapshot!(Stack::previews_of_nothing().besides(&Stack::without_bridge()));
}

#[test]
fn each_role_is_taken_by_runs_of_one_purpose_in_one_repository() {
    let subjects = |stack: &Stack| {
        ["previewRole", "deployRole"].map(|role| {
            let trust = properties(stack, role)["assumeRolePolicy"]["fn::toJSON"]["Statement"].clone();
            let [statement] = &trust.as_array().expect("statements")[..] else { panic!("{trust}") };
            assert_eq!(statement["Action"], json!(["sts:AssumeRoleWithWebIdentity"]));
            let [(operator, condition)] =
                &statement["Condition"].as_object().expect("one").iter().collect::<Vec<_>>()[..]
            else {
                panic!("{statement}")
            };
            assert_eq!(*operator, "StringEquals", "nothing in it is a pattern");
            assert_eq!(condition["token.actions.githubusercontent.com:aud"], "sts.amazonaws.com");
            condition["token.actions.githubusercontent.com:sub"].as_str().expect("a subject").to_owned()
        })
    };
    let stack = Stack::previews_of_nothing();
    let wanted = ["repo:octo-org/porch:pull_request", "repo:octo-org/porch:environment:production"];
    assert_eq!(subjects(&stack), wanted);
    let stack = stack
        .previews("repository", json!("octo-org@123456/porch@456789"))
        .previews("environment", json!("house"));
    let wanted = [
        "repo:octo-org@123456/porch@456789:pull_request",
        "repo:octo-org@123456/porch@456789:environment:house",
    ];
    assert_eq!(subjects(&stack), wanted);
}

#[test]
fn an_account_s_own_trust_in_github_is_used() {
    let arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    let stack = Stack::previews_of_nothing().previews("oidcProviderArn", json!(arn));
    assert_eq!(properties(&stack, "githubProvider"), Value::Null);
    for role in ["previewRole", "deployRole"] {
        let trust = &properties(&stack, role)["assumeRolePolicy"]["fn::toJSON"]["Statement"][0];
        assert_eq!(trust["Principal"], json!({"Federated": arn}));
    }
}

#[test]
fn a_preview_may_do_nothing_in_aws_unless_it_is_to_compare() {
    for stack in whole_stacks() {
        assert_eq!(properties(&stack, "previewPermissions"), Value::Null);
    }
}

#[test]
fn a_preview_that_compares_changes_nothing() {
    let stack = Stack::previews_of_nothing().previews("refresh", json!(true));
    for action in actions(&policy(&stack, "previewPermissions"), "Allow") {
        let (_, call) = action.split_once(':').expect("a service");
        let reads = ["Get", "List", "Describe", "BatchGet"].iter().any(|verb| call.starts_with(verb));
        assert!(reads && !call.contains('*'), "{action}");
    }
}

#[test]
fn a_preview_reads_this_stack_s_state_and_no_other_s() {
    let stack = Stack::previews_of_nothing()
        .previews("stateBucket", json!("house-state"))
        .previews("stateKeyArn", json!("arn:aws:kms:eu-west-1:123456789012:key/0a1b-2c"));
    insta::assert_snapshot!(format!("{:#}", policy(&stack, "previewPermissions")["Statement"]));
    let more = actions(&policy(&stack, "deployPermissions"), "Allow");
    let without = actions(&policy(&Stack::previews_of_nothing(), "deployPermissions"), "Allow");
    let more: Vec<&String> = more.difference(&without).collect();
    assert_eq!(
        more,
        ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
        "buckets of its own it has anyway"
    );
}

#[test]
fn every_role_and_user_of_the_stack_is_within_bounds_that_let_it_do_its_work() {
    for stack in whole_stacks() {
        let program = stack.program();
        let resources = program["resources"].as_object().expect("resources");
        let bounds = actions(&policy(&stack, "permissionsBoundary"), "Allow");
        for (name, resource) in resources {
            if ["previewRole", "deployRole", "deployPermissions"].contains(&name.as_str()) {
                assert_eq!(resource["properties"]["permissionsBoundary"], Value::Null, "{name}");
                continue;
            }
            match resource["type"].as_str().expect("a type") {
                "aws:iam/role:Role" | "aws:iam/user:User" => {
                    let boundary = &resource["properties"]["permissionsBoundary"];
                    assert_eq!(boundary, "${permissionsBoundary.arn}", "{name}");
                }
                "aws:iam/rolePolicy:RolePolicy" | "aws:iam/userPolicy:UserPolicy" => {
                    let may = actions(&resource["properties"]["policy"]["fn::toJSON"], "Allow");
                    assert!(may.is_subset(&bounds), "{name} may {may:?}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn without_previews_nothing_is_bounded() {
    assert!(!Stack::everything().text().contains("permissionsBoundary"));
}

#[test]
fn what_deploys_may_make_every_kind_of_resource_that_a_program_has() {
    let made_by = [
        ("aws:cloudwatch/logGroup:LogGroup", "logs:CreateLogGroup"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "cloudwatch:PutMetricAlarm"),
        ("aws:dynamodb/table:Table", "dynamodb:CreateTable"),
        ("aws:ecr/lifecyclePolicy:LifecyclePolicy", "ecr:PutLifecyclePolicy"),
        ("aws:ecr/repository:Repository", "ecr:CreateRepository"),
        ("aws:iam/accessKey:AccessKey", "iam:CreateAccessKey"),
        ("aws:iam/role:Role", "iam:CreateRole"),
        ("aws:iam/rolePolicy:RolePolicy", "iam:PutRolePolicy"),
        ("aws:iam/user:User", "iam:CreateUser"),
        ("aws:iam/userPolicy:UserPolicy", "iam:PutUserPolicy"),
        ("aws:lambda/function:Function", "lambda:CreateFunction"),
        ("aws:lambda/functionUrl:FunctionUrl", "lambda:CreateFunctionUrlConfig"),
        ("aws:lambda/invocation:Invocation", "lambda:InvokeFunction"),
        ("aws:lambda/permission:Permission", "lambda:AddPermission"),
        ("aws:s3/bucket:Bucket", "s3:CreateBucket"),
        ("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
        ("aws:s3/bucketPolicy:BucketPolicy", "s3:PutBucketPolicy"),
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
        ("aws:s3/bucketVersioning:BucketVersioning", "s3:PutBucketVersioning"),
        ("aws:scheduler/schedule:Schedule", "scheduler:CreateSchedule"),
        ("aws:sns/topic:Topic", "sns:CreateTopic"),
        ("aws:sns/topicSubscription:TopicSubscription", "sns:Subscribe"),
        ("aws:ssm/parameter:Parameter", "ssm:PutParameter"),
        ("porch:build:DevicePackage", "s3:PutObject"),
        ("porch:build:FunctionImage", "ecr:PutImage"),
    ];
    // Made in no account, and those that a person makes.
    let others = [
        "porch:build:SigningKey",
        "pulumi:providers:porch",
        "aws:iam/policy:Policy",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    ];
    for stack in whole_stacks() {
        let may = actions(&policy(&stack, "deployPermissions"), "Allow");
        for (name, resource) in stack.program()["resources"].as_object().expect("resources") {
            let kind = resource["type"].as_str().expect("a type");
            let made = made_by.iter().find(|(made, _)| *made == kind).map(|(_, action)| *action);
            match made {
                Some(action) => assert!(may.contains(action), "{name}: {action}"),
                None => assert!(others.contains(&kind), "nothing here says who may make {kind}"),
            }
        }
    }
}

#[test]
fn what_deploys_gets_no_further_than_the_stack() {
    let stack = Stack::previews_of_nothing().named("night-2");
    let statements = policy(&stack, "deployPermissions")["Statement"].as_array().expect("a list").clone();
    let (deny, allow): (Vec<_>, Vec<_>) =
        statements.iter().partition(|statement| statement["Effect"] == "Deny");
    for statement in &allow {
        for resource in texts(&statement["Resource"]) {
            let scoped =
                ["porch-night-2-", "/porch/night-2/", "oidc-provider/token.actions.githubusercontent.com"];
            let free = texts(&statement["Action"]).all(|action| {
                ["cloudwatch:Describe", "ecr:GetAuth", "logs:Describe", "sns:", "ssm:Describe"]
                    .iter()
                    .any(|harmless| action.starts_with(harmless))
            });
            assert!(scoped.iter().any(|scope| resource.contains(scope)) || free, "{statement:#}");
        }
        for action in texts(&statement["Action"]) {
            let condition = &statement["Condition"]["StringEquals"];
            let gives =
                ["CreateRole", "CreateUser", "PutRole", "PutUser", "DeleteRolePolicy", "DeleteUserPolicy"];
            if gives.iter().any(|gives| action.contains(gives)) {
                assert_eq!(condition["iam:PermissionsBoundary"], "${permissionsBoundary.arn}", "{action}");
            }
            if action == "iam:PassRole" {
                assert_ne!(condition["iam:PassedToService"], Value::Null);
            }
            assert!(!action.contains('*'), "{action}");
            let never = ["PermissionsBoundary", "Attach", "LoginProfile", "ToGroup", "PolicyVersion"];
            let moves = action.starts_with("iam:Delete") || action.starts_with("iam:Attach");
            assert!(!(moves && never.iter().any(|never| action.contains(never))), "{action}");
        }
    }
    let [deny] = &deny[..] else { panic!("{deny:?}") };
    insta::assert_snapshot!(format!("{deny:#}"));
}

#[test]
fn the_policies_fit_into_iam_for_the_longest_name() {
    let longest = |stack: Stack| {
        stack
            .named(&"x".repeat(40))
            .previews("refresh", json!(true))
            .previews("stateBucket", json!("b".repeat(63)))
            .previews(
                "stateKeyArn",
                json!(format!("arn:aws:kms:eu-west-1:123456789012:key/{}", "0".repeat(36))),
            )
    };
    // A role's own policies together, and a policy that stands by itself; white space is not counted.
    for (name, limit) in
        [("previewPermissions", 10_240), ("deployPermissions", 10_240), ("permissionsBoundary", 6_144)]
    {
        let stack = longest(Stack::previews_of_nothing());
        let text = policy(&stack, name).to_string();
        let arn = "arn:aws:iam::123456789012:policy/porch-".len() + 40 + "-boundary".len();
        assert!(text.len() + arn < limit, "{name}: {}", text.len());
        assert!(properties(&stack, "previewRole")["name"].as_str().expect("a name").len() <= 64);
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let stack = Stack::previews_of_nothing()
        .previews("repository", json!("octo-org"))
        .previews("environment", json!("pro:duction"))
        .previews("oidcProviderArn", json!("arn:aws:iam::123456789012:oidc-provider/accounts.example.org"))
        .previews("refresh", json!("yes"))
        .previews("stateBucket", json!("s3://house-state"))
        .previews("stateKeyArn", json!("arn:aws:kms:eu-west-1:123456789012:alias/porch"))
        .previews("stateKey", json!("x"));
    insta::assert_snapshot!(stack.complaint());
}

#[test]
fn a_repository_is_one_repository() {
    for wrong in [
        "",
        "octo-org",
        "octo-org/",
        "/porch",
        "octo-org/porch/x",
        "octo-org/*",
        "*/porch",
        "octo-org/po:rch",
        "octo-org@1/porch",
        "octo-org/porch@1",
        "octo-org@/porch@",
        "octo-org@x/porch@1",
        "octo-org@1/porch@?",
        "octo org/porch",
        "octo-org/porch\n",
    ] {
        let stack = Stack::previews_of_nothing().previews("repository", json!(wrong));
        assert!(stack.complaint().contains("OWNER@ID/NAME@ID"), "{wrong}");
    }
    for right in ["octo-org/porch", "o/p", "Octo_corp/.github", "octo-org@123456/porch@456789"] {
        let stack = Stack::previews_of_nothing().previews("repository", json!(right));
        assert!(stack.text().contains(&format!("repo:{right}:pull_request")), "{right}");
    }
}
