//! What is sent and read, as JSON: see tests/fixtures/README.md.

use std::path::PathBuf;

use serde_json::{Value, json};
use smapi::fake::Refusal;
use smapi::{Document, Problem, Scheme, SkillId, SmapiError};

use crate::play::{Play, endpoints, linking, manifest, no_skill, vendor};

fn fixture(name: &str) -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).expect(name)
}

/// A client whose next answer is this fixture, with a member in every object that nobody knows.
async fn answered(name: &str) -> Play {
    let play = Play::new().await;
    let mut answer = fixture(name);
    add_strangers(&mut answer);
    play.fake.answer_next(Refusal::Nonsense(answer.to_string()));
    play
}

fn add_strangers(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(add_strangers);
            // Locales and regions are named by Amazon's users.
            let is_named = |name: &String| name.contains('-') || name.len() == 2;
            if !members.keys().any(is_named) {
                members.insert("stranger".into(), json!({"any": [1]}));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(add_strangers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn skill() -> SkillId {
    SkillId::parse("amzn1.ask.skill.01234567-89ab-cdef-0123-456789abcdef").unwrap()
}

#[tokio::test]
async fn what_is_sent_is_as_in_the_fixtures() {
    let (play, skill) = Play::with_skill().await;
    let (document, etag) = play.client.manifest(&skill).await.unwrap().unwrap();
    let document = document.with_endpoints(Some(&endpoints()));
    play.client.update_manifest(&skill, &document, etag.as_ref()).await.unwrap();
    play.client.set_account_linking(&skill, &linking()).await.unwrap();
    let names = ["create-skill", "update-manifest", "account-linking"];
    let wanted = names.map(|name| fixture(&format!("requests/{name}.json")));
    assert_eq!(play.fake.bodies(), wanted);
}

#[tokio::test]
async fn each_call_asks_as_documented() {
    let (play, skill) = Play::with_skill().await;
    let client = &play.client;
    drop(client.vendors().await);
    drop(client.skills_named(&vendor(), "Front door").await);
    drop(client.manifest(&skill).await);
    drop(client.credentials(&skill).await);
    drop(client.update_manifest(&skill, &Document::new(&manifest()), None).await);
    drop(client.account_linking(&skill).await);
    drop(client.set_account_linking(&skill, &linking()).await);
    drop(client.delete_account_linking(&skill).await);
    drop(client.enabled(&skill).await);
    drop(client.enable(&skill).await);
    drop(client.disable(&skill).await);
    drop(client.delete_skill(&skill).await);
    assert_eq!(
        play.asked(Some(&skill)),
        [
            "POST /v1/skills",
            "GET /v1/skills/ID/status?resource=manifest",
            "GET /v1/skills/ID/status?resource=manifest",
            "GET /v1/skills/ID/status?resource=manifest",
            "GET /v1/vendors",
            "GET /v1/skills?vendorId=M1FAKEVENDOR&maxResults=50",
            "GET /v1/skills/ID/stages/development/manifest",
            "GET /v1/skills/ID/credentials",
            "PUT /v1/skills/ID/stages/development/manifest",
            "GET /v1/skills/ID/stages/development/accountLinkingClient",
            "PUT /v1/skills/ID/stages/development/accountLinkingClient",
            "DELETE /v1/skills/ID/stages/development/accountLinkingClient",
            "GET /v1/skills/ID/stages/development/enablement",
            "PUT /v1/skills/ID/stages/development/enablement",
            "DELETE /v1/skills/ID/stages/development/enablement",
            "DELETE /v1/skills/ID",
        ]
    );
}

#[tokio::test]
async fn vendors_are_read() {
    let found = answered("answers/vendors.json").await.client.vendors().await.unwrap();
    let found: Vec<_> = found.iter().map(|vendor| (vendor.id.as_str(), vendor.name.as_str())).collect();
    assert_eq!(found, [("M1ABCDEFGHIJKL", "Ann Example")]);
}

#[tokio::test]
async fn a_new_skill_is_read() {
    let play = answered("answers/create-skill.json").await;
    let made = play.client.create_skill(&vendor(), &Document::new(&manifest())).await.unwrap();
    assert_eq!(made, skill());
}

#[tokio::test]
async fn the_end_of_a_build_is_read() {
    let play = answered("answers/status-in-progress.json").await;
    play.fake.answer_next(Refusal::Nonsense(fixture("answers/status-succeeded.json").to_string()));
    let mut looks = 0;
    let built = play.client.await_build(&skill(), &mut |_| looks += 1).await.unwrap();
    assert_eq!((looks, built.etag), (1, smapi::ETag::of_text("44b1f6c0ba1c3f7bd5cca5b1e4a2e8d3")));
    let play = answered("answers/status-failed.json").await;
    let error = play.client.await_build(&skill(), &mut |_| {}).await.unwrap_err();
    let SmapiError::BuildFailed { problems, .. } = &error else { panic!("{error}") };
    let message =
        "The trigger setting for the Lambda arn:aws:lambda:us-east-1:123456789012:function:bell is invalid.";
    assert_eq!(*problems, [Problem { code: None, message: message.into() }]);
}

#[tokio::test]
async fn a_manifest_is_read_and_keeps_what_is_not_known() {
    let play = answered("answers/manifest.json").await;
    let (document, _) = play.client.manifest(&skill()).await.unwrap().unwrap();
    assert_eq!(document.manifest(), manifest());
    assert_eq!(document.endpoints(), Some(endpoints()));
    let whole = serde_json::to_value(&document).unwrap();
    assert_eq!(whole["apis"]["smartHome"]["stranger"], json!({"any": [1]}));
    assert!(document.has(&manifest()) && document.has_endpoints(Some(&endpoints())));
}

#[tokio::test]
async fn credentials_are_read() {
    let play = answered("answers/credentials.json").await;
    let found = play.client.credentials(&skill()).await.unwrap().unwrap();
    assert_eq!(found.client_id, "amzn1.application-oa2-client.0123456789abcdef0123456789abcdef");
    assert_eq!(secrecy::ExposeSecret::expose_secret(&found.client_secret), "made-up-secret");
}

#[tokio::test]
async fn account_linking_is_read_with_or_without_its_envelope() {
    for name in ["answers/account-linking.json", "answers/account-linking-flat.json"] {
        let found = answered(name).await.client.account_linking(&no_skill()).await.unwrap().unwrap();
        assert!(linking().is(&found), "{name}: {found:?}");
        assert_eq!(found.scheme, Some(Scheme::RequestBodyCredentials));
    }
}

#[tokio::test]
async fn skills_are_read() {
    let play = answered("answers/skills.json").await;
    let found = play.client.skills_named(&vendor(), "Front door").await.unwrap();
    assert_eq!(found.len(), 1, "neither the live one, nor the custom one, nor one of another name");
    assert_eq!((&found[0].skill_id, found[0].last_updated.as_str()), (&skill(), "2026-03-01T08:15:30.000Z"));
}
