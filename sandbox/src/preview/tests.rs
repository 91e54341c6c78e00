//! Comments, from what Pulumi printed.
//!
//! `tests/fixtures/preview-*.json` is what Pulumi 3.259.0 printed for the dev stack, cut to the steps that are of interest.

use std::fmt::Write;

use serde_json::{Value, json};

use super::*;

const CHANGES: &str = include_str!("../../tests/fixtures/preview-changes.json");
const FAILED: &str = include_str!("../../tests/fixtures/preview-failed.json");

fn report(stack: &str, digest: &Value) -> Report {
    let digest = Digest::read(&digest.to_string()).expect("a digest");
    Report { stack: stack.into(), digest, failure: None }
}

fn captured(stack: &str, text: &str) -> Report {
    Report { stack: stack.into(), digest: Digest::read(text).expect("a digest"), failure: None }
}

/// One resource whose `property` goes from `before` to `after`.
fn update(name: &str, property: &str, before: &Value, after: &Value) -> Value {
    json!({
        "op": "update",
        "urn": format!("urn:pulumi:prod::porch::aws:lambda/function:Function::{name}"),
        "oldState": {"inputs": {property: before}},
        "newState": {"inputs": {property: after}},
        "detailedDiff": {property: {"kind": "update", "inputDiff": true}},
    })
}

#[test]
fn stacks_with_and_without_changes_are_one_comment() {
    let nothing = json!({"changeSummary": {"same": 42}, "steps": []});
    let mut failed = captured("prod", FAILED);
    failed.failure = Some("exit status 255".into());
    insta::assert_snapshot!(comment(&[captured("dev", CHANGES), report("idle", &nothing), failed]));
}

#[test]
fn a_failure_that_pulumi_does_not_tell_in_its_own_form_is_told_as_it_is() {
    let failure = Some("error: no stack named 'prod' found".into());
    let report = Report { stack: "prod".into(), digest: Digest::default(), failure };
    insta::assert_snapshot!(comment(&[report]), @r"
    <!-- porch: previews -->
    ## What `pulumi up` would do

    ### `prod`: **failed**

    ```text
    error: no stack named 'prod' found
    ```
    ");
}

#[test]
fn a_checkout_without_stacks_says_so() {
    assert!(comment(&[]).contains("No stack of this checkout"));
}

#[test]
fn nothing_in_a_value_ends_its_block_or_means_something() {
    let value = json!("```\n</details>\n@everyone <!-- porch --> ````");
    let text = comment(&[report("a`b", &json!({"steps": [update("x", "description", &json!(1), &value)]}))]);
    assert!(text.contains("\n`````diff\n") && text.contains("\n`````\n"), "{text}");
    assert_eq!(text.matches("\n</details>\n").count(), 1, "a value is one line");
    assert!(text.contains("### `ab`: "), "{text}");
}

#[test]
fn a_secret_is_never_shown() {
    let kept =
        json!({"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "PLANTED"});
    let steps = [
        update("a", "value", &json!("[secret]"), &json!("[secret]")),
        update("b", "value", &json!("x"), &kept),
        update("c", "environment", &json!({}), &json!({"variables": {"KEY": kept}})),
    ];
    let digest = json!({"steps": steps, "config": {"porch:tailscaleAuthKey": "PLANTED"}});
    let text = comment(&[report("prod", &digest)]);
    assert!(!text.contains("PLANTED"), "{text}");
    assert!(text.contains("value: [secret] => [secret]"), "{text}");
    assert!(!format!("{:?}", report("prod", &digest).digest).contains("tailscaleAuthKey"));
}

#[test]
fn what_is_not_known_yet_is_said_to_be_so() {
    let unknown = json!("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
    let text =
        comment(&[report("prod", &json!({"steps": [update("a", "imageUri", &json!("old"), &unknown)]}))]);
    assert!(text.contains("imageUri: \"old\" => [unknown]"), "{text}");
}

#[test]
fn a_comment_is_never_longer_than_github_takes() {
    let many = |letter: &str, count: usize| {
        let long = letter.repeat(150);
        let steps: Vec<Value> = (0..count)
            .map(|number| update(&format!("resource{number}"), "p", &json!(1), &json!(long)))
            .collect();
        json!({"steps": steps, "changeSummary": {"update": count}})
    };
    let small = json!({"steps": [update("small", "p", &json!(1), &json!(2))]});
    for letter in ["x", "é", "`", "\u{1F514}"] {
        let reports =
            [report("one", &many(letter, 600)), report("two", &small), report("three", &many(letter, 600))];
        let text = comment(&reports);
        let length = text.chars().count();
        assert!(length <= LIMIT && length > LIMIT * 3 / 4, "{letter}: {length}");
        assert!(
            text.starts_with(MARKER) && text.contains("small") && text.contains("### `three`"),
            "{letter}"
        );
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        assert_eq!(text.matches(" more lines are in `pulumi preview --diff --stack ").count(), 2, "{letter}");
    }
}

#[test]
fn failures_without_end_leave_room_for_each_other() {
    let mut reports = Vec::new();
    for number in 0..40 {
        let mut failure = String::new();
        for line in 0..500 {
            let _ = writeln!(failure, "line {line} of what the engine said");
        }
        let failure = Some(failure);
        reports.push(Report { stack: format!("stack{number}"), digest: Digest::default(), failure });
    }
    let text = comment(&reports);
    assert!(text.chars().count() <= LIMIT);
    assert!(
        text.contains("more characters)") && text.contains("more of the stacks do not fit in here."),
        "{text}"
    );
}

#[test]
fn what_is_no_digest_is_none() {
    for text in ["", "error: no Pulumi.yaml", "[]", "{\"steps\": 1}"] {
        assert!(Digest::read(text).is_none(), "{text}");
    }
}
