//! Names of a stack's resources that somebody gave before there was a stack.

use serde_json::{Value, json};

use crate::settings::check;
use crate::stack::Stack;

fn name(stack: &Stack, resource: &str) -> Value {
    stack.program()["resources"][resource]["properties"]["name"].clone()
}

#[test]
fn what_is_named_has_that_name_and_all_that_follows_from_it() {
    for (resource, wanted) in [
        ("bridgeRepository", "alexa/bridge"),
        ("bridgeRole", "Alexa=bridge"),
        ("bridgePermissions", "bridge"),
        ("bridgeFunction", "Home_Assistant"),
        ("bridgeLogGroup", "/aws/lambda/Home_Assistant"),
        ("bridgeAuthKey", "/porch/prod/bridge/tailscale-auth-key"),
        ("doorbellRepository", "alexa/bell"),
        ("doorbellRole", "Alexa=bell"),
        ("doorbellFunction", "Bell"),
        ("doorbellLogGroup", "/aws/lambda/Bell"),
        ("doorbellTable", "alexa.grants"),
        ("doorbellUser1", "porch-prod-doorbell-1"),
    ] {
        assert_eq!(name(&Stack::with_names(), resource), wanted, "{resource}");
    }
}

#[test]
fn other_functions_of_the_bridge_are_called_after_the_stack() {
    let stack = Stack::oauth_client().bridge("linking", json!(true)).bridge("functionName", json!("own"));
    for (resource, wanted) in [
        ("bridgeFunction", "own"),
        ("linkingFunction", "porch-prod-linking"),
        ("keyRenewalFunction", "porch-prod-key-renewal"),
        ("bridgeRole", "porch-prod-bridge"),
    ] {
        assert_eq!(name(&stack, resource), wanted, "{resource}");
    }
}

#[test]
fn only_a_role_that_was_there_goes_with_policies_of_others() {
    let detaches = |stack: &Stack, role: &str| {
        stack.program()["resources"][role]["properties"]["forceDetachPolicies"].clone()
    };
    assert_eq!(detaches(&Stack::with_names(), "bridgeRole"), true);
    assert_eq!(detaches(&Stack::with_names(), "doorbellRole"), true);
    assert_eq!(detaches(&Stack::minimal(), "bridgeRole"), Value::Null);
}

#[test]
fn a_name_is_one_that_aws_takes() {
    let repository = &["a repository's name", "porch:bridge.repositoryName my-bridge"][..];
    check(
        "repositoryName",
        &[
            (json!("ab"), &[]),
            (json!("team/alexa_bridge.2-x"), &[]),
            (json!("x".repeat(256)), &[]),
            (json!("a"), repository),
            (json!("x".repeat(257)), repository),
            (json!("Bridge"), repository),
            (json!("a//b"), repository),
            (json!("/ab"), repository),
            (json!("a..b"), repository),
            (json!("ab-"), repository),
            (json!("000000000000.dkr.ecr.eu-west-1.amazonaws.com/ab:latest"), repository),
            (json!(7), repository),
        ],
    );
    let role = &["a role's name, without its path"][..];
    check(
        "roleName",
        &[
            (json!("a"), &[]),
            (json!("Alexa_+=,.@-1"), &[]),
            (json!("x".repeat(64)), &[]),
            (json!("x".repeat(65)), role),
            (json!("service-role/alexa"), role),
            (json!("arn:aws:iam::123456789012:role/alexa"), role),
            (json!("Türe"), role),
            (json!(""), role),
        ],
    );
    let function = &["a function's name, no ARN"][..];
    check(
        "functionName",
        &[
            (json!("Home_Assistant-1"), &[]),
            (json!("x".repeat(64)), &[]),
            (json!("x".repeat(65)), function),
            (json!("a.b"), function),
            (json!("arn:aws:lambda:eu-west-1:123456789012:function:alexa"), function),
        ],
    );
}

#[test]
fn a_table_s_name_is_one_that_aws_takes() {
    for right in ["abc", "Alexa.grants_1-x", &"x".repeat(255)] {
        assert_eq!(name(&Stack::only_doorbell().doorbell("tableName", json!(right)), "doorbellTable"), right);
    }
    for wrong in ["ab", "a/bc", &"x".repeat(256), "arn:aws:dynamodb:eu-west-1:123456789012:table/grants"] {
        let complaint = Stack::only_doorbell().doorbell("tableName", json!(wrong)).complaint();
        assert!(
            complaint.contains("porch:doorbell.tableName") && complaint.contains("no ARN"),
            "{complaint}"
        );
    }
}

#[test]
fn a_name_of_one_s_own_is_none_that_the_stack_could_give() {
    let own = &["a name that does not begin with porch-prod-"][..];
    for field in ["repositoryName", "roleName", "functionName"] {
        check(
            field,
            &[
                (json!("porch-prod-bridge"), &[]),
                (json!("porch-prod-linking"), own),
                (json!("porch-prod-deploy"), own),
                (json!("porch-prod-doorbell"), own),
            ],
        );
    }
}

#[test]
fn two_components_do_not_share_a_resource() {
    let stack = Stack::with_names()
        .doorbell("repositoryName", json!("alexa/bridge"))
        .doorbell("roleName", json!("Alexa=bridge"))
        .doorbell("functionName", json!("Home_Assistant"));
    insta::assert_snapshot!(stack.complaint(), @r"
    3 settings of stack `prod` are wrong

      porch:doorbell.repositoryName: found `alexa/bridge`
        expected  another one than the bridge has
        way out   pulumi config rm --path porch:doorbell.repositoryName

      porch:doorbell.roleName: found `Alexa=bridge`
        expected  another one than the bridge has
        way out   pulumi config rm --path porch:doorbell.roleName

      porch:doorbell.functionName: found `Home_Assistant`
        expected  another one than the bridge has
        way out   pulumi config rm --path porch:doorbell.functionName
    ");
}

/// The resources that a policy is about, of which every one that is not the stack's by name.
fn beyond_the_stack(stack: &Stack, policy: &str) -> Vec<String> {
    let policy = stack.program()["resources"][policy]["properties"]["policy"]["fn::toJSON"].clone();
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let resources = statements
        .filter(|statement| statement["Effect"] == "Allow")
        .flat_map(|statement| statement["Resource"].as_array().expect("a list"));
    let texts = resources.map(|resource| resource.as_str().expect("a text"));
    let mut beyond: Vec<String> = texts
        .filter(|text| *text != "*" && !text.contains("porch-prod-") && !text.contains("/porch/prod/"))
        .filter(|text| !text.contains("oidc-provider/"))
        .map(str::to_owned)
        .collect();
    beyond.sort();
    beyond.dedup();
    beyond
}

#[test]
fn what_deploys_reaches_what_has_a_name_of_its_own_and_no_more() {
    let stack =
        Stack::with_names().previews("repository", json!("octo-org/porch")).previews("refresh", json!(true));
    let names = [
        "arn:aws:dynamodb:eu-west-1:*:table/alexa.grants",
        "arn:aws:ecr:eu-west-1:*:repository/alexa/bell",
        "arn:aws:ecr:eu-west-1:*:repository/alexa/bridge",
        "arn:aws:iam::*:role/Alexa=bell",
        "arn:aws:iam::*:role/Alexa=bridge",
        "arn:aws:lambda:eu-west-1:*:function:Bell",
        "arn:aws:lambda:eu-west-1:*:function:Home_Assistant",
        "arn:aws:logs:eu-west-1:*:log-group:/aws/lambda/Bell",
        "arn:aws:logs:eu-west-1:*:log-group:/aws/lambda/Home_Assistant",
    ];
    assert_eq!(beyond_the_stack(&stack, "deployPermissions"), names);
    assert_eq!(beyond_the_stack(&stack, "previewPermissions"), names);
    // What the stack's own roles may be given: no repository, and no role.
    let bounds: Vec<&str> =
        names.into_iter().filter(|name| !name.contains(":ecr:") && !name.contains(":iam:")).collect();
    assert_eq!(beyond_the_stack(&stack, "permissionsBoundary"), bounds);
}

#[test]
fn the_policies_fit_into_iam_for_the_longest_names() {
    let mut stack = Stack::with_names()
        .named(&"x".repeat(40))
        .previews("repository", json!("octo-org/porch"))
        .previews("refresh", json!(true));
    let long = |letter: &str, length: usize| json!(letter.repeat(length));
    stack = stack
        .bridge("repositoryName", long("a", 256))
        .bridge("roleName", long("a", 64))
        .bridge("functionName", long("a", 64))
        .doorbell("repositoryName", long("b", 256))
        .doorbell("roleName", long("b", 64))
        .doorbell("functionName", long("b", 64))
        .doorbell("tableName", long("b", 255));
    for (name, limit) in [("deployPermissions", 10_240), ("permissionsBoundary", 6_144)] {
        let policy = stack.program()["resources"][name]["properties"]["policy"]["fn::toJSON"].to_string();
        let arn = "arn:aws:iam::123456789012:policy/porch-".len() + 40 + "-boundary".len();
        assert!(policy.len() + arn < limit, "{name}: {}", policy.len());
    }
}
