//! What is open to everybody, and how little that can do.

use serde_json::{Value, json};

use crate::stack::Stack;

/// The resources of one type, by name.
fn of_type<'a>(program: &'a Value, token: &str) -> Vec<(&'a str, &'a Value)> {
    let resources = program["resources"].as_object().expect("resources");
    resources
        .iter()
        .filter(|(_, resource)| resource["type"] == token)
        .map(|(name, resource)| (name.as_str(), &resource["properties"]))
        .collect()
}

#[test]
fn nothing_is_open_unless_linking_is_wanted() {
    let told = Stack::minimal().bridge("linking", json!(false));
    assert_eq!(told.text(), Stack::minimal().text());
    let program = told.program();
    assert!(of_type(&program, "aws:lambda/functionUrl:FunctionUrl").is_empty());
    for (name, permission) in of_type(&program, "aws:lambda/permission:Permission") {
        assert_ne!(permission["principal"], "*", "{name}");
    }
}

#[test]
fn only_the_function_for_linking_is_open_and_only_by_its_url() {
    let program = Stack::everything().program();
    let urls = of_type(&program, "aws:lambda/functionUrl:FunctionUrl");
    assert_eq!(
        urls,
        [("linkingUrl", &json!({"functionName": "${linkingFunction.name}", "authorizationType": "NONE"}))]
    );
    let mut open: Vec<_> = of_type(&program, "aws:lambda/permission:Permission")
        .into_iter()
        .filter(|(_, permission)| permission["principal"] == "*")
        .map(|(_, permission)| {
            assert_eq!(permission["function"], "${linkingFunction.name}");
            json!([
                permission["action"],
                permission["functionUrlAuthType"],
                permission["invokedViaFunctionUrl"]
            ])
        })
        .collect();
    open.sort_by_key(Value::to_string);
    // AWS wants both, and each with its condition: without, anybody with an AWS account could call the function.
    assert_eq!(
        open,
        [json!(["lambda:InvokeFunction", null, true]), json!(["lambda:InvokeFunctionUrl", "NONE", null])]
    );
}

#[test]
fn it_may_read_one_parameter_and_write_its_own_log() {
    let program = Stack::everything().program();
    let statements =
        &program["resources"]["linkingPermissions"]["properties"]["policy"]["fn::toJSON"]["Statement"];
    let resources: Vec<_> =
        statements.as_array().expect("statements").iter().map(|each| &each["Resource"]).collect();
    assert_eq!(resources, [&json!(["${bridgeAuthKey.arn}"]), &json!(["${linkingLogGroup.arn}:*"])]);
    let function = program["resources"]["linkingFunction"].to_string();
    assert!(!function.contains("AccessToken") && !function.contains("bridgeRole"), "{function}");
}

#[test]
fn how_many_run_at_once_is_limited_for_linking_alone() {
    let program = Stack::minimal().bridge("linking", json!(true)).program();
    let limit =
        |function: &str| program["resources"][function]["properties"]["reservedConcurrentExecutions"].clone();
    assert_eq!((limit("linkingFunction"), limit("bridgeFunction")), (json!(2), json!(null)));
}

#[test]
fn linking_has_settings_of_its_own_and_only_where_it_is_wanted() {
    let linking = || Stack::minimal().bridge("linking", json!(true));
    for (field, right, wrong, said) in [
        (
            "linkingConcurrency",
            vec![json!(1), json!(100)],
            vec![json!(0), json!(101), json!("2")],
            "1 to 100",
        ),
        ("phoneUrl", vec![json!("https://ha.example.ts.net")], vec![json!("ha"), json!(1)], "http"),
    ] {
        for value in right {
            assert!(
                infra::compile(linking().bridge(field, value.clone()).lookup()).is_ok(),
                "{field} {value}"
            );
        }
        for value in wrong {
            let complaint = linking().bridge(field, value).complaint();
            assert!(complaint.contains(field) && complaint.contains(said), "{complaint}");
        }
    }
    let stack =
        Stack::minimal().bridge("linkingConcurrency", json!(2)).bridge("phoneUrl", json!("https://ha"));
    insta::assert_snapshot!(stack.complaint(), @r"
    2 settings of stack `prod` are wrong

      porch:bridge.linkingConcurrency: found a value
        expected  nothing, unless porch:bridge.linking is true
        way out   pulumi config set --path porch:bridge.linking true
                  or pulumi config rm --path porch:bridge.linkingConcurrency

      porch:bridge.phoneUrl: found a value
        expected  nothing, unless porch:bridge.linking is true
        way out   pulumi config set --path porch:bridge.linking true
                  or pulumi config rm --path porch:bridge.phoneUrl
    ");
}
