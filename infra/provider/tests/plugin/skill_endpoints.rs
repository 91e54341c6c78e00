//! What answers a skill and how it is linked, from its first preview to its end.

use pulumi_gestalt_proto::pulumi::pulumirpc as rpc;
use rpc::diff_response::DiffChanges;
use serde_json::{Value, json};
use smapi::fake::{Behaviour, Enabling, FakeSmapi};

use crate::rig::{ENDPOINT, Rig, SKILL};

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:porch-dev-doorbell";
const SECRET: &str = "planted-linking-secret";

/// A rig with a skill that `FUNCTION` lets call it, and the inputs of its endpoint.
async fn rig() -> (Rig, Value) {
    let mut rig = Rig::for_skills(SKILL).await;
    let (inputs, _) = rig
        .check(&json!({
            "vendorId": FakeSmapi::VENDOR,
            "locales": { "en-GB": "Doorbell" },
            "summary": "Your own doorbell",
            "events": true,
        }))
        .await
        .unwrap();
    let skill = rig.create(&inputs, false).await.unwrap();
    rig.resource = ENDPOINT;
    rig.amazon.allow(FUNCTION, skill["skillId"].as_str().unwrap());
    let inputs = json!({
        "skillId": skill["skillId"],
        "manifestHash": skill["manifestHash"],
        "functionArn": FUNCTION,
        "accountLinking": {
            "authorizationUrl": "https://www.amazon.com/ap/oa",
            "accessTokenUrl": "https://api.amazon.com/auth/o2/token",
            "clientId": "amzn1.application-oa2-client.linking",
            "clientSecret": { "secret": SECRET },
            "scopes": ["profile:user_id"],
        },
        "enable": true,
    });
    (rig, inputs)
}

async fn wired(rig: &mut Rig, inputs: &Value) -> Value {
    let (inputs, failures) = rig.check(inputs).await.unwrap();
    assert_eq!(failures, Vec::<String>::new());
    rig.create(&inputs, false).await.unwrap()
}

/// Endpoint and secret for linking, as Amazon has them.
fn at_amazon(rig: &Rig, inputs: &Value) -> (Value, Option<String>) {
    let skill = inputs["skillId"].as_str().unwrap();
    rig.amazon.with(|amazon| {
        let smart_home = amazon.manifest(skill).unwrap()["apis"]["smartHome"].clone();
        (smart_home["endpoint"]["uri"].clone(), amazon.linking_secret(skill).map(str::to_owned))
    })
}

fn behave(rig: &Rig, change: impl FnOnce(&mut Behaviour)) {
    rig.amazon.with(|amazon| change(&mut amazon.behaviour));
}

#[tokio::test]
async fn a_skill_gets_its_function_and_is_linked_last() {
    let (mut rig, inputs) = rig().await;
    behave(&rig, |behaviour| behaviour.builds_reset_linking = true);
    let state = wired(&mut rig, &inputs).await;
    assert_eq!(at_amazon(&rig, &inputs), (json!(FUNCTION), Some(SECRET.to_owned())));
    assert_eq!(state["accountLinking"]["clientSecret"], json!({ "secret": SECRET }));
    assert_eq!(state["enabled"], false);
    let warnings = rig.said.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("enable it in the Alexa app"), "{warnings:?}");
}

#[tokio::test]
async fn another_manifest_has_it_linked_again() {
    let (mut rig, inputs) = rig().await;
    behave(&rig, |behaviour| behaviour.builds_reset_linking = true);
    let state = wired(&mut rig, &inputs).await;
    let mut changed = inputs.clone();
    changed["manifestHash"] = json!("another");
    assert_eq!(rig.diff(&inputs, &changed).await.diffs, ["manifestHash"]);
    rig.amazon.with(|amazon| {
        let mut kept = serde_json::to_value(&*amazon).unwrap();
        kept["skills"][inputs["skillId"].as_str().unwrap()]["linking"] = Value::Null;
        *amazon = serde_json::from_value(kept).unwrap();
    });
    rig.update(&state, &changed).await.unwrap();
    assert_eq!(at_amazon(&rig, &inputs).1.as_deref(), Some(SECRET));
}

#[tokio::test]
async fn it_is_enabled_where_amazon_lets_a_program_do_it() {
    let (mut rig, inputs) = rig().await;
    behave(&rig, |behaviour| behaviour.enabling = Enabling::Granted);
    let state = wired(&mut rig, &inputs).await;
    assert_eq!((&state["enabled"], rig.said.warnings().len()), (&json!(true), 0));
    let mut disabled = inputs.clone();
    disabled["enable"] = json!(false);
    let state = rig.update(&state, &disabled).await.unwrap();
    assert_eq!(state["enabled"], false);
}

#[tokio::test]
async fn a_function_that_does_not_let_the_skill_call_it_is_told_of_after_a_while() {
    for at_once in [false, true] {
        let (mut rig, mut inputs) = rig().await;
        behave(&rig, |behaviour| behaviour.refuses_endpoints_at_once = at_once);
        inputs["functionArn"] = json!(format!("{FUNCTION}2"));
        let status = rig.create(&inputs, false).await.unwrap_err();
        let skill = inputs["skillId"].as_str().unwrap();
        let told = status.message().replace(skill, "SKILL");
        assert!(
            told.contains(&format!("The trigger setting for the Lambda {FUNCTION}2 is invalid.")),
            "{told}"
        );
        assert!(
            told.contains("must allow lambda:InvokeFunction to the principal alexa-connectedhome.amazon.com"),
            "{told}"
        );
        let puts = rig.amazon.asked().iter().filter(|asked| asked.starts_with("PUT")).count();
        assert_eq!(puts, 4, "a permission that was just made takes seconds to be known");
    }
}

#[tokio::test]
async fn what_somebody_else_has_changed_is_read_shown_and_put_right() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change, &[&str]); 4] = [
        (
            "function",
            |skill| skill["manifest"]["apis"]["smartHome"]["endpoint"]["uri"] = json!(format!("{FUNCTION}2")),
            &["functionArn"],
        ),
        (
            "linking",
            |skill| skill["linking"]["fields"]["clientId"] = json!("amzn1.application-oa2-client.other"),
            &["accountLinking"],
        ),
        ("no linking", |skill| skill["linking"] = Value::Null, &["accountLinking"]),
        ("disabled", |skill| skill["enabled"] = json!(false), &["enable"]),
    ];
    for (name, change, shown) in changes {
        let (mut rig, inputs) = rig().await;
        behave(&rig, |behaviour| behaviour.enabling = Enabling::Granted);
        let state = wired(&mut rig, &inputs).await;
        let skill = inputs["skillId"].as_str().unwrap().to_owned();
        let found = rig.read(&skill, &inputs, &state).await.unwrap();
        assert_eq!(found, Some((inputs.clone(), state.clone())), "{name}: nothing has changed yet");
        rig.amazon.with(|amazon| {
            let mut kept = serde_json::to_value(&*amazon).unwrap();
            change(&mut kept["skills"][&skill]);
            *amazon = serde_json::from_value(kept).unwrap();
        });
        let (found, found_state) = rig.read(&skill, &inputs, &state).await.unwrap().unwrap();
        assert_eq!(rig.diff(&found, &inputs).await.diffs, shown, "{name}");
        assert_eq!(rig.update(&found_state, &inputs).await.unwrap(), state, "{name}");
        assert_eq!(rig.read(&skill, &inputs, &state).await.unwrap(), Some((inputs, state)), "{name}");
    }
}

#[tokio::test]
async fn what_could_not_be_enabled_is_no_difference_for_ever() {
    let (mut rig, inputs) = rig().await;
    let state = wired(&mut rig, &inputs).await;
    let skill = inputs["skillId"].as_str().unwrap();
    let (found, _) = rig.read(skill, &inputs, &state).await.unwrap().unwrap();
    assert_eq!(rig.diff(&found, &inputs).await.changes(), DiffChanges::DiffNone);
}

#[tokio::test]
async fn linking_is_left_alone_where_nobody_says_how() {
    let (mut rig, inputs) = rig().await;
    let linked = wired(&mut rig, &inputs).await;
    let mut without = inputs.clone();
    without.as_object_mut().unwrap().remove("accountLinking");
    let unlinked = rig.update(&linked, &without).await.unwrap();
    assert_eq!(at_amazon(&rig, &inputs).1, None, "what was ours is taken away");
    wired(&mut rig, &inputs).await;
    rig.update(&unlinked, &without).await.unwrap();
    assert!(at_amazon(&rig, &inputs).1.is_some(), "what somebody else has set stays");
}

#[tokio::test]
async fn an_end_takes_everything_away_and_may_be_repeated() {
    let (mut rig, inputs) = rig().await;
    behave(&rig, |behaviour| behaviour.enabling = Enabling::Granted);
    let state = wired(&mut rig, &inputs).await;
    rig.delete(&state).await.unwrap();
    assert_eq!(at_amazon(&rig, &inputs), (Value::Null, None));
    assert!(!rig.is_there(&state).await.unwrap(), "what answers nobody is gone");
    rig.delete(&state).await.unwrap();
    rig.resource = SKILL;
    rig.delete(&state).await.unwrap();
    rig.resource = ENDPOINT;
    rig.delete(&state).await.unwrap();
}

#[tokio::test]
async fn it_is_imported_by_the_skill_s_id_without_the_secret_that_amazon_never_tells() {
    let (mut rig, inputs) = rig().await;
    wired(&mut rig, &inputs).await;
    let skill = inputs["skillId"].as_str().unwrap();
    let (imported, state) = rig.read(skill, &json!({}), &json!({})).await.unwrap().unwrap();
    assert_eq!(imported["functionArn"], FUNCTION);
    assert_eq!(imported["accountLinking"]["clientId"], inputs["accountLinking"]["clientId"]);
    assert!(!imported.to_string().contains(SECRET));
    assert_eq!(rig.diff(&imported, &inputs).await.diffs, ["accountLinking", "enable", "manifestHash"]);
    rig.update(&state, &inputs).await.unwrap();
}

#[tokio::test]
async fn a_preview_asks_amazon_nothing() {
    let (mut rig, mut inputs) = rig().await;
    let asked = rig.amazon.asked();
    inputs["skillId"] = json!("unknown");
    inputs["accountLinking"]["clientSecret"] = json!("unknown");
    let (inputs, failures) = rig.check(&inputs).await.unwrap();
    assert_eq!(failures, Vec::<String>::new());
    let preview = rig.create(&inputs, true).await.unwrap();
    assert_eq!((&preview["enabled"], rig.amazon.asked()), (&json!("unknown"), asked));
}

#[tokio::test]
async fn a_secret_is_one_even_if_the_program_forgot_to_say_so() {
    let (mut rig, mut inputs) = rig().await;
    inputs["accountLinking"]["clientSecret"] = json!(SECRET);
    let (inputs, _) = rig.check(&inputs).await.unwrap();
    assert_eq!(inputs["accountLinking"]["clientSecret"], json!({ "secret": SECRET }));
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_but_no_secret() {
    let (mut rig, _) = rig().await;
    let (_, failures) = rig
        .check(&json!({
            "skillId": "01234567",
            "functionArn": "https://example.org",
            "regions": { "APAC": FUNCTION, "EU": "arn" },
            "accountLinking": {
                "authorizationUrl": "example.org",
                "clientId": "",
                "clientSecret": 7,
                "scopes": [true],
                "scheme": "HTTP_BASIC",
            },
            "enable": 1,
        }))
        .await
        .unwrap();
    insta::assert_snapshot!(failures.join("\n"), @r"
    skillId: found `01234567`, expected the skillId of a porch:alexa:Skill
    functionArn: found `https://example.org`, expected the ARN of a Lambda function
    regions.APAC: found `arn:aws:lambda:eu-west-1:123456789012:function:porch-dev-doorbell`, expected the ARN of a Lambda function; Alexa's regions are NA, EU and FE
    regions.EU: found `arn`, expected the ARN of a Lambda function
    accountLinking.scheme: there is no such property; there are authorizationUrl, accessTokenUrl, clientId, clientSecret, scopes
    accountLinking.authorizationUrl: found `example.org`, expected the URL of a page to log in: relative URL without a base
    accountLinking.accessTokenUrl: found nothing, expected the URL that gives tokens
    accountLinking.clientId: found ``, expected the id of a client
    accountLinking.clientSecret: found a value of another type, expected the client's secret
    accountLinking.scopes[0]: found a value of another type, expected a scope
    enable: found a value of another type, expected true or false
    ");
}
