//! The part of the program that publishes the daemon's package.

use serde_json::{Value, json};

use crate::stack::Stack;

fn resource(stack: &Stack, name: &str) -> Value {
    stack.program()["resources"][name].clone()
}

/// The statements of what the daemon with its key `number` may do.
fn statements(stack: &Stack, number: u32) -> Vec<Value> {
    let policy = &resource(stack, &format!("doorbellUser{number}Permissions"))["properties"]["policy"];
    policy["fn::toJSON"]["Statement"].as_array().expect("statements").clone()
}

#[test]
fn a_package_with_defaults() {
    insta::assert_snapshot!(Stack::package().besides(&Stack::only_doorbell()));
}

#[test]
fn every_setting_reaches_what_it_is_about() {
    let stack = Stack::every_device_setting();
    let package = resource(&stack, "devicePackage")["properties"].clone();
    assert_eq!((&package["architecture"], &package["region"]), (&json!("armhf"), &json!("us-west-2")));
    let rule = &resource(&stack, "deviceBucketLifecycle")["properties"]["rules"][0];
    assert_eq!(rule["noncurrentVersionExpiration"]["noncurrentDays"], 7);
    let protected = |stack: &Stack| resource(stack, "deviceSigningKey")["options"]["protect"].clone();
    assert_eq!((protected(&Stack::package()), protected(&stack)), (json!(true), Value::Null));
    assert_eq!(resource(&stack, "deviceBucket")["name"], "porch-night-2-device");
}

#[test]
fn no_two_settings_of_the_bucket_are_changed_at_once() {
    let stack = Stack::package();
    let order = [
        "deviceBucketVersioning",
        "deviceBucketPublicAccess",
        "deviceBucketPolicy",
        "deviceBucketLifecycle",
        "devicePackage",
    ];
    for pair in order.windows(2) {
        let after = resource(&stack, pair[1])["options"]["dependsOn"].clone();
        assert_eq!(after, json!([format!("${{{}}}", pair[0])]), "{}", pair[1]);
    }
}

#[test]
fn the_name_of_the_bucket_fits_into_aws() {
    let stack = Stack::package().named(&"x".repeat(40));
    let bucket = resource(&stack, "deviceBucket");
    assert_eq!(bucket["properties"]["bucket"], Value::Null, "no two in the world have one name");
    // Pulumi adds a hyphen and seven digits, and S3 takes 63 characters.
    assert!(bucket["name"].as_str().expect("a name").len() + 8 <= 63, "{bucket}");
}

#[test]
fn the_daemon_may_fetch_its_package_and_learn_where_it_is_and_nothing_more() {
    let (without, with) = (Stack::only_doorbell(), Stack::package());
    for (number, stack) in [(1, with.clone()), (2, with.doorbell("keyRotation", json!(3)))] {
        let mut wanted = statements(&without, 1);
        wanted[0]["Resource"]
            .as_array_mut()
            .expect("parameters")
            .push(json!("${devicePackageParameter.arn}"));
        wanted.push(json!({
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": ["${deviceBucket.arn}/device/*"],
        }));
        assert_eq!(statements(&stack, number), wanted);
    }
    let function = |stack: &Stack| resource(stack, "doorbellPermissions");
    assert_eq!(function(&Stack::package()), function(&without), "the function has no use for it");
}

#[test]
fn a_package_is_for_the_machine_of_a_doorbell() {
    let stack = Stack::minimal().device("architecture", json!("armhf"));
    insta::assert_snapshot!(stack.complaint(), @r"
    1 setting of stack `prod` is wrong

      porch:device: found a group of settings
        expected  nothing, unless there is porch:doorbell: the package is for the doorbell's machine
        way out   pulumi config rm porch:device
                  or set up porch:doorbell, as README says
    ");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let stack = Stack::package()
        .device("architecture", json!("armv7"))
        .device("keepOldDays", json!(0))
        .device("protectSigningKey", json!("yes"))
        .device("keepDays", json!(7))
        .set("porch:device.architecture", "arm64");
    insta::assert_snapshot!(stack.complaint(), @r#"
    5 settings of stack `prod` are wrong

      porch:device.architecture: found `armv7`
        expected  arm64, armhf or amd64, as `dpkg --print-architecture` says it there
        way out   pulumi config set --path porch:device.architecture arm64

      porch:device.keepOldDays: found `0`
        expected  a whole number of days from 1 to 3650
        way out   pulumi config set --path porch:device.keepOldDays 90

      porch:device.protectSigningKey: found `"yes"`
        expected  true or false, without quotes
        way out   pulumi config set --path porch:device.protectSigningKey false

      porch:device.keepDays: no such setting
        expected  one of architecture, keepOldDays, protectSigningKey
        way out   if `keepOldDays` is meant, rename it; else pulumi config rm --path porch:device.keepDays

      porch:device.architecture: no such setting
        expected  one of porch:tailscaleAuthKey, porch:longLivedAccessToken, porch:clientKey, porch:tailscaleOauthSecret, porch:doorbellClientSecret, porch:alexaClientSecret, porch:alexaRefreshToken, porch:doorbellLinkingSecret, porch:bridge, porch:doorbell, porch:device, porch:alexa, porch:previews
        way out   pulumi config rm porch:device.architecture
                  pulumi config set --path porch:device.architecture VALUE
    "#);
}
