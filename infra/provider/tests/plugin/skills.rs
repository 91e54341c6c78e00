//! The life of a skill, from its first preview to its end.

use prost::Message as _;
use pulumi_gestalt_proto::pulumi::pulumirpc as rpc;
use rpc::diff_response::DiffChanges;
use serde_json::{Value, json};
use smapi::fake::{FakeSmapi, Refusal};
use tonic::{Code, Status};

use crate::rig::{Rig, SKILL, account};
use crate::wire::{from_wire, to_wire};

fn inputs() -> Value {
    json!({
        "vendorId": FakeSmapi::VENDOR,
        "locales": { "en-GB": "Doorbell", "de-DE": "Doorbell" },
        "summary": "Your own doorbell",
        "events": true,
    })
}

async fn rig() -> Rig {
    Rig::for_skills(SKILL).await
}

/// Inputs as the engine has them after `check`.
async fn checked(rig: &mut Rig, inputs: &Value) -> Value {
    let (inputs, failures) = rig.check(inputs).await.unwrap();
    assert_eq!(failures, Vec::<String>::new());
    inputs
}

/// Inputs and state of a new skill.
async fn made(rig: &mut Rig) -> (Value, Value) {
    let inputs = checked(rig, &inputs()).await;
    let state = rig.create(&inputs, false).await.unwrap();
    (inputs, state)
}

/// The manifest that Amazon has.
fn manifest(rig: &Rig, state: &Value) -> Value {
    let skill = state["skillId"].as_str().unwrap();
    rig.amazon.with(|amazon| amazon.manifest(skill).unwrap().clone())
}

fn skills(rig: &Rig) -> usize {
    rig.amazon.with(|amazon| amazon.skills().count())
}

/// Requests that change something at Amazon.
fn changes(rig: &Rig) -> Vec<String> {
    rig.amazon
        .asked()
        .into_iter()
        .filter(|asked| !asked.starts_with("GET") && !asked.contains("auth"))
        .collect()
}

#[tokio::test]
async fn a_skill_is_made_without_endpoints_and_tells_what_its_events_are_sent_with() {
    let mut rig = rig().await;
    let (inputs, state) = made(&mut rig).await;
    assert!(state["skillId"].as_str().unwrap().starts_with("amzn1.ask.skill."));
    assert!(state["messagingClientId"].as_str().unwrap().starts_with("amzn1.application-oa2-client."));
    assert!(state["messagingClientSecret"]["secret"].is_string(), "it is a secret");
    for (name, value) in inputs.as_object().unwrap() {
        assert_eq!(&state[name], value, "{name}");
    }
    let manifest = manifest(&rig, &state);
    assert_eq!(manifest["publishingInformation"]["locales"]["de-DE"]["name"], "Doorbell");
    assert_eq!(manifest["permissions"], json!([{ "name": "alexa::async_event:write" }]));
    assert_eq!(manifest["apis"], json!({ "smartHome": { "protocolVersion": "3" } }));
    assert_eq!(changes(&rig), ["POST /v1/skills"]);
    let said = rig.said.everything();
    assert!(said.iter().any(|text| text.starts_with("amazon checks the manifest of")), "{said:?}");
}

#[tokio::test]
async fn without_events_there_are_no_credentials_to_wait_for() {
    let mut rig = rig().await;
    let mut given = inputs();
    given.as_object_mut().unwrap().remove("events");
    let inputs = checked(&mut rig, &given).await;
    assert_eq!(inputs["events"], false);
    let preview = rig.create(&inputs, true).await.unwrap();
    assert_eq!((&preview["skillId"], preview.get("messagingClientId")), (&json!("unknown"), None));
    let state = rig.create(&inputs, false).await.unwrap();
    assert_eq!(state.get("messagingClientId"), None);
    assert_eq!(manifest(&rig, &state).get("permissions"), None);
}

#[tokio::test]
async fn a_preview_asks_amazon_nothing_and_knows_what_stays() {
    let mut rig = rig().await;
    let inputs = checked(&mut rig, &inputs()).await;
    let preview = rig.create(&inputs, true).await.unwrap();
    assert_eq!(rig.amazon.asked(), Vec::<String>::new());
    for name in ["skillId", "messagingClientId", "messagingClientSecret"] {
        assert_eq!(preview[name], "unknown", "{name}");
    }
    assert_eq!(preview["manifestHash"].as_str().unwrap().len(), 64, "what follows from inputs is known");

    let state = rig.create(&inputs, false).await.unwrap();
    let (asked, mut renamed) = (rig.amazon.asked(), inputs.clone());
    renamed["locales"]["en-GB"] = json!("Bell");
    let preview = rig.preview_update(&state, &renamed).await;
    assert_eq!(rig.amazon.asked(), asked);
    for name in ["skillId", "messagingClientId", "messagingClientSecret"] {
        assert_eq!(preview[name], state[name], "{name}");
    }
}

#[tokio::test]
async fn what_nobody_has_an_account_for_says_so() {
    let mut rig = Rig::for_devices(SKILL).await;
    let inputs = checked(&mut rig, &inputs()).await;
    rig.create(&inputs, true).await.unwrap();
    let status = rig.create(&inputs, false).await.unwrap_err();
    assert_eq!(
        status.message(),
        "doorbell-skill: the provider has no developer's account: it needs alexaClientId, alexaClientSecret and \
         alexaRefreshToken, which a stack has from porch:alexa"
    );
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let mut rig = rig().await;
    let (_, failures) = rig
        .check(&json!({ "vendorId": "M-1", "locales": { "en-GB": 1 }, "events": "yes", "name": "Bell" }))
        .await
        .unwrap();
    insta::assert_snapshot!(failures.join("\n"), @r"
    name: there is no such property; there are vendorId, locales, summary, events
    vendorId: found `M-1`, expected a vendor id, like M1ABCDEFGHIJKL, from the developer console (Settings, My ID)
    locales.en-GB: found a value of another type, expected the skill's name
    summary: found nothing, expected a sentence
    events: found a value of another type, expected true or false
    ");
    let mut given = inputs();
    given["locales"] = json!({ "en-XX": "B" });
    let (_, failures) = rig.check(&given).await.unwrap();
    insta::assert_snapshot!(failures.join("\n"), @r"
    locales: en-XX: no locale of smart home skills, expected one of ar-SA de-DE en-AU en-CA en-GB en-IN en-US es-ES es-MX es-US fr-CA fr-FR hi-IN it-IT ja-JP nl-NL pt-BR pt-PT
    locales: en-XX: the name has 1 characters, expected 2 to 50
    ");
}

#[tokio::test]
async fn an_update_gives_amazon_only_what_differs() {
    let mut rig = rig().await;
    let (inputs, state) = made(&mut rig).await;
    assert_eq!(rig.diff(&inputs, &inputs).await.changes(), DiffChanges::DiffNone);
    assert_eq!(rig.update(&state, &inputs).await.unwrap(), state);
    assert_eq!(changes(&rig).len(), 1, "only the making itself");

    let mut given = inputs.clone();
    given["locales"] = json!({ "en-GB": "Bell" });
    let renamed = checked(&mut rig, &given).await;
    let diff = rig.diff(&inputs, &renamed).await;
    assert_eq!(diff.diffs, ["locales", "manifestHash"]);
    assert_eq!(diff.replaces, Vec::<String>::new());
    let updated = rig.update(&state, &renamed).await.unwrap();
    assert_eq!(updated["skillId"], state["skillId"]);
    assert_eq!(updated["messagingClientSecret"], state["messagingClientSecret"]);
    let locales = manifest(&rig, &state)["publishingInformation"]["locales"].clone();
    assert_eq!(locales.as_object().unwrap().len(), 1, "{locales}");
    assert_eq!(locales["en-GB"]["name"], "Bell");
}

#[tokio::test]
async fn only_another_vendor_replaces_a_skill() {
    let mut rig = rig().await;
    let old = checked(&mut rig, &inputs()).await;
    let mut new = old.clone();
    new["vendorId"] = json!("M2");
    assert_eq!(rig.diff(&old, &new).await.replaces, ["vendorId"]);
}

#[tokio::test]
async fn somebody_who_changes_it_at_the_same_time_is_waited_for_once() {
    for refusal in [Refusal::PreconditionFailed, Refusal::Conflict] {
        let mut rig = rig().await;
        let (mut inputs, state) = made(&mut rig).await;
        inputs["summary"] = json!("Another");
        let inputs = checked(&mut rig, &inputs).await;
        // The build's status and the manifest come before the change.
        for answer in [Refusal::Truth, Refusal::Truth, refusal.clone()] {
            rig.amazon.answer_next(answer);
        }
        rig.update(&state, &inputs).await.unwrap();
        let found = manifest(&rig, &state)["publishingInformation"]["locales"]["en-GB"]["summary"].clone();
        assert_eq!(found, "Another", "{refusal:?}");
        assert_eq!(changes(&rig).len(), 3, "{refusal:?}: a POST and two PUTs");
    }
}

/// Has somebody else change the skill in Amazon's console.
fn change_elsewhere(rig: &Rig, state: &Value, path: &str, value: Value) {
    let mut document = manifest(rig, state);
    *document.pointer_mut(path).unwrap() = value;
    let skill = state["skillId"].as_str().unwrap();
    rig.amazon.with(|amazon| {
        let mut kept = serde_json::to_value(&*amazon).unwrap();
        kept["skills"][skill]["manifest"] = document;
        *amazon = serde_json::from_value(kept).unwrap();
    });
}

#[tokio::test]
async fn what_somebody_else_has_changed_is_read_shown_and_put_right() {
    for (path, value, shown) in [
        ("/publishingInformation/locales/en-GB/name", json!("Renamed"), &["locales", "manifestHash"][..]),
        ("/permissions", json!([]), &["events", "manifestHash"]),
        ("/privacyAndCompliance/containsAds", json!(true), &["manifestHash"]),
        ("/publishingInformation/testingInstructions", json!("Ring"), &[]),
    ] {
        let mut rig = rig().await;
        let (inputs, state) = made(&mut rig).await;
        let skill = state["skillId"].as_str().unwrap();
        let found = rig.read(skill, &inputs, &state).await.unwrap();
        assert_eq!(found, Some((inputs.clone(), state.clone())), "nothing has changed yet");
        change_elsewhere(&rig, &state, path, value);
        let (found, found_state) = rig.read(skill, &inputs, &state).await.unwrap().unwrap();
        assert_eq!(rig.diff(&found, &inputs).await.diffs, shown, "{path}");
        rig.update(&found_state, &inputs).await.unwrap();
        assert_eq!(rig.read(skill, &inputs, &state).await.unwrap(), Some((inputs, state)), "{path}");
    }
}

#[tokio::test]
async fn a_skill_is_imported_by_its_id_alone() {
    let mut rig = rig().await;
    let (inputs, state) = made(&mut rig).await;
    let skill = state["skillId"].as_str().unwrap();
    let imported = rig.read(skill, &json!({}), &json!({})).await.unwrap();
    assert_eq!(imported, Some((inputs, state)));
    let status = rig.read("01234567", &json!({}), &json!({})).await.unwrap_err();
    assert!(
        status.message().contains("`01234567` is no skill's id: the id of a skill, amzn1.ask.skill."),
        "{status}"
    );
    let unknown = "amzn1.ask.skill.00000000-0000-4000-8000-000000000000";
    assert_eq!(rig.read(unknown, &json!({}), &json!({})).await.unwrap(), None);
}

#[tokio::test]
async fn a_skill_that_was_deleted_is_reported_gone_and_may_be_deleted_again() {
    let mut rig = rig().await;
    let (_, state) = made(&mut rig).await;
    assert!(rig.is_there(&state).await.unwrap());
    rig.delete(&state).await.unwrap();
    assert_eq!(skills(&rig), 0);
    assert!(!rig.is_there(&state).await.unwrap());
    rig.delete(&state).await.unwrap();
}

#[tokio::test]
async fn a_skill_whose_making_was_never_answered_is_found_again() {
    let mut rig = rig().await;
    // The list of skills comes before the making.
    rig.amazon.answer_next(Refusal::Truth);
    rig.amazon.answer_next(Refusal::LostAnswer);
    let (_, state) = made(&mut rig).await;
    assert_eq!(skills(&rig), 1);
    assert_eq!(manifest(&rig, &state)["permissions"][0]["name"], "alexa::async_event:write");
}

#[tokio::test]
async fn a_skill_that_no_state_knows_is_gone_on_with() {
    let mut rig = rig().await;
    let (inputs, state) = made(&mut rig).await;
    // Pulumi was killed before it wrote that down.
    let again = rig.create(&inputs, false).await.unwrap();
    assert_eq!((again, skills(&rig)), (state.clone(), 1));
    let line =
        format!("goes on with {}, which an earlier attempt has made", state["skillId"].as_str().unwrap());
    assert_eq!(rig.said.lines(), [line]);
}

#[tokio::test]
async fn a_skill_that_may_be_somebody_else_s_is_left_alone() {
    for (path, value) in [
        ("/publishingInformation/testingInstructions", json!("Made by porch for another stack's skill")),
        ("/publishingInformation/locales/en-GB/name", json!("Renamed")),
        (
            "/apis/smartHome",
            json!({
                "protocolVersion": "3",
                "endpoint": { "uri": "arn:aws:lambda:eu-west-1:123456789012:function:bell" },
            }),
        ),
    ] {
        let mut rig = rig().await;
        let (inputs, state) = made(&mut rig).await;
        change_elsewhere(&rig, &state, path, value);
        let another = rig.create(&inputs, false).await.unwrap();
        assert_ne!(another["skillId"], state["skillId"], "{path}");
        assert_eq!(skills(&rig), 2, "{path}");
    }
}

#[tokio::test]
async fn a_first_manifest_that_amazon_refuses_leaves_nothing_behind() {
    let mut rig = rig().await;
    let inputs = checked(&mut rig, &inputs()).await;
    let failed = json!({ "manifest": { "lastUpdateRequest": {
        "status": "FAILED",
        "errors": [{ "code": "INVALID_NAME", "message": "The name Doorbell is reserved." }],
    } } });
    for answer in [Refusal::Truth, Refusal::Truth, Refusal::Nonsense(failed.to_string())] {
        rig.amazon.answer_next(answer);
    }
    let status = rig.create(&inputs, false).await.unwrap_err();
    assert!(status.message().contains("The name Doorbell is reserved. (INVALID_NAME)"), "{status}");
    assert!(status.details().is_empty(), "there is nothing for the state");
    assert_eq!(skills(&rig), 0);
}

/// What the engine takes into its state of a resource that was made and is not finished.
fn unfinished(status: &Status) -> (String, Value) {
    #[derive(Clone, PartialEq, prost::Message)]
    struct Details {
        #[prost(message, repeated, tag = "3")]
        details: Vec<prost_types::Any>,
    }
    let details = Details::decode(status.details()).unwrap();
    let [detail] = details.details.try_into().unwrap();
    assert_eq!(detail.type_url, "type.googleapis.com/pulumirpc.ErrorResourceInitFailed");
    let failed = rpc::ErrorResourceInitFailed::decode(detail.value.as_slice()).unwrap();
    assert_eq!(failed.reasons.len(), 1);
    (failed.id, from_wire(failed.properties))
}

#[tokio::test]
async fn a_skill_that_was_made_is_in_the_state_even_if_the_rest_fails() {
    let mut rig = rig().await;
    let inputs = checked(&mut rig, &inputs()).await;
    // The list, the making, three looks at the build; then somebody takes rights away.
    for _ in 0..5 {
        rig.amazon.answer_next(Refusal::Truth);
    }
    rig.amazon.answer_next(Refusal::forbidden("Not today."));
    let status = rig.create(&inputs, false).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(status.message().contains("Not today."), "{status}");
    let (id, state) = unfinished(&status);
    assert_eq!(id, state["skillId"].as_str().unwrap());
    let finished = rig.update(&state, &inputs).await.unwrap();
    assert!(finished["messagingClientId"].is_string());
    assert_eq!(skills(&rig), 1);
}

#[tokio::test]
async fn a_new_refresh_token_changes_no_skill() {
    let mut rig = rig().await;
    let (inputs, state) = made(&mut rig).await;
    let mut rotated = account();
    rotated["alexaRefreshToken"] = json!({ "secret": "Atzr|another" });
    let request = rpc::DiffRequest {
        old_inputs: Some(to_wire(&account())),
        news: Some(to_wire(&rotated)),
        ..Default::default()
    };
    let diff = rig.client.diff_config(request).await.unwrap().into_inner();
    assert_eq!((diff.changes(), diff.replaces.len()), (DiffChanges::DiffSome, 0));
    let asked = changes(&rig);
    rig.configure(&rotated).await.unwrap();
    let status = rig.read(state["skillId"].as_str().unwrap(), &inputs, &state).await.unwrap_err();
    assert!(status.message().contains("the refresh token has ended or is of another client"), "{status}");
    assert!(!status.message().contains("another\""), "{status}");
    assert_eq!(changes(&rig), asked);
}

#[tokio::test]
async fn half_an_account_is_refused() {
    let mut rig = Rig::for_devices(SKILL).await;
    let mut half = account();
    half.as_object_mut().unwrap().remove("alexaRefreshToken");
    let request = rpc::CheckRequest { news: Some(to_wire(&half)), ..Default::default() };
    let failures = rig.client.check_config(request).await.unwrap().into_inner().failures;
    let told: Vec<_> =
        failures.iter().map(|failure| format!("{}: {}", failure.property, failure.reason)).collect();
    assert_eq!(
        told,
        ["alexaRefreshToken: not set, expected beside the other two of the developer's account"]
    );
}

#[tokio::test]
async fn a_login_that_is_not_for_skills_says_which_scopes_it_needs() {
    let mut rig = rig().await;
    let inputs = checked(&mut rig, &inputs()).await;
    rig.amazon.grant(&["profile"]);
    let status = rig.create(&inputs, false).await.unwrap_err();
    assert!(status.message().contains("alexa::ask:skills:readwrite alexa::ask:skills:test"), "{status}");
    assert!(!status.message().contains("Atz"), "{status}");
}
