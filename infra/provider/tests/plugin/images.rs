//! The life of an image, from its first preview to its removal.

use pulumi_gestalt_proto::pulumi::pulumirpc as rpc;
use serde_json::{Value, json};

use crate::rig::{REPOSITORY, Rig, inputs};

#[tokio::test]
async fn the_plugin_says_what_it_offers() {
    let mut rig = Rig::new().await;
    let handshake =
        rig.client.handshake(rpc::ProviderHandshakeRequest::default()).await.unwrap().into_inner();
    let configured = rig.client.configure(rpc::ConfigureRequest::default()).await.unwrap().into_inner();
    assert!(handshake.accept_secrets && configured.accept_secrets && configured.supports_preview);
    let schema = rig.client.get_schema(rpc::GetSchemaRequest::default()).await.unwrap().into_inner().schema;
    assert_eq!(serde_json::from_str::<Value>(&schema).unwrap(), porch_provider::schema());
}

#[tokio::test]
async fn check_adds_the_hash_of_the_sources() {
    let mut rig = Rig::new().await;
    let (checked, failures) = rig.check(&inputs()).await.unwrap();
    assert_eq!(failures, Vec::<String>::new());
    assert_eq!(checked["sourceHash"].as_str().unwrap().len(), 64);
    rig.write("functions/echo/src/main.rs", "fn main() { }\n");
    let (changed, _) = rig.check(&inputs()).await.unwrap();
    assert_ne!(checked["sourceHash"], changed["sourceHash"]);
}

#[tokio::test]
async fn check_waits_for_what_is_not_known_yet() {
    let mut rig = Rig::new().await;
    let mut given = inputs();
    given["repositoryUrl"] = json!("unknown");
    let (checked, failures) = rig.check(&given).await.unwrap();
    assert!(failures.is_empty());
    assert_eq!(checked["sourceHash"].as_str().unwrap().len(), 64, "the sources are known");
    given["architecture"] = json!("unknown");
    let (checked, _) = rig.check(&given).await.unwrap();
    assert_eq!(checked["sourceHash"], "unknown");
}

#[tokio::test]
async fn a_preview_builds_nothing() {
    let mut rig = Rig::new().await;
    rig.remove_tool("cargo-lambda");
    let state = rig.create(&inputs(), true).await.unwrap();
    for name in ["digest", "imageUri", "tag", "sizeBytes"] {
        assert_eq!(state[name], "unknown", "{name}");
    }
    assert_eq!(state["function"], "functions/echo");
}

#[tokio::test]
async fn an_image_is_built_and_pushed() {
    let mut rig = Rig::new().await;
    let state = rig.create(&inputs(), false).await.unwrap();
    let digest = state["digest"].as_str().unwrap();
    assert_eq!(state["imageUri"], format!("{REPOSITORY}@{digest}"));
    let contents = rig.registry.contents();
    assert!(contents.manifests.contains_key(digest));
    assert_eq!(contents.tags[state["tag"].as_str().unwrap()], digest);
    assert_eq!(state["sizeBytes"].as_f64().unwrap() as usize, contents.uploads.iter().sum::<usize>());
    let said = rig.said.everything().join("\n");
    for text in ["building echo for arm64", "building tailscaled for arm64 with go1.26.8", "pushing to"] {
        assert!(said.contains(text), "{text} is not in\n{said}");
    }
    let lines = rig.said.lines();
    assert!(lines[0].starts_with("built tailscaled for arm64 in "), "{lines:?}");
    assert!(lines[1].starts_with("pushed ") && lines[1].contains(&digest[7..19]), "{lines:?}");
}

#[tokio::test]
async fn an_image_that_is_there_is_not_pushed_again() {
    let mut rig = Rig::new().await;
    let first = rig.create(&inputs(), false).await.unwrap();
    rig.registry.contents().uploads.clear();
    let second = rig.create(&inputs(), false).await.unwrap();
    assert_eq!(first, second);
    assert!(rig.registry.contents().uploads.is_empty());
    assert!(rig.said.lines().last().unwrap().ends_with("is in the repository already"));
}

#[tokio::test]
async fn another_source_sends_only_what_is_new() {
    let mut rig = Rig::new().await;
    let first = rig.create(&inputs(), false).await.unwrap();
    let lower_layer = rig.registry.contents().uploads[0];
    rig.registry.contents().uploads.clear();
    rig.write("functions/echo/src/main.rs", "fn main() { println!(); }\n");
    let second = rig.update(&first, &inputs()).await.unwrap();
    assert_ne!(first["digest"], second["digest"]);
    let sent = rig.registry.contents().uploads.clone();
    assert_eq!(sent.len(), 2, "the upper layer and the configuration");
    assert!(sent.iter().all(|size| *size < lower_layer), "{sent:?} against {lower_layer}");
    assert!(rig.is_there(&first).await.unwrap(), "a function may still run the image before");
}

#[tokio::test]
async fn another_checkout_gives_the_same_digest() {
    let (mut one, mut other) = (Rig::new().await, Rig::new().await);
    let (checked, _) = one.check(&inputs()).await.unwrap();
    assert_eq!(other.check(&inputs()).await.unwrap().0, checked);
    let one = one.create(&inputs(), false).await.unwrap();
    assert_eq!(other.create(&inputs(), false).await.unwrap(), one);
}

#[tokio::test]
async fn tailscaled_may_be_left_out() {
    let mut rig = Rig::new().await;
    rig.remove_tool("go");
    let mut given = inputs();
    given.as_object_mut().unwrap().remove("tailscaled");
    assert!(rig.check(&given).await.unwrap().1.is_empty());
    rig.create(&given, false).await.unwrap();
}

#[tokio::test]
async fn only_another_repository_replaces_an_image() {
    let mut rig = Rig::new().await;
    let old = rig.check(&inputs()).await.unwrap().0;
    let same = rig.diff(&old, &old).await;
    assert_eq!(same.changes(), rpc::diff_response::DiffChanges::DiffNone);
    let mut new = old.clone();
    new["sourceHash"] = json!("0");
    let rebuilt = rig.diff(&old, &new).await;
    assert_eq!(rebuilt.changes(), rpc::diff_response::DiffChanges::DiffSome);
    assert_eq!((rebuilt.diffs.as_slice(), rebuilt.replaces.len()), (&[String::from("sourceHash")][..], 0));
    new["repositoryUrl"] = json!("123456789012.dkr.ecr.us-east-1.amazonaws.com/other");
    let moved = rig.diff(&old, &new).await;
    assert_eq!(moved.replaces, ["repositoryUrl"]);
    assert_eq!(moved.detailed_diff["repositoryUrl"].kind(), rpc::property_diff::Kind::UpdateReplace);
    assert_eq!(moved.detailed_diff["sourceHash"].kind(), rpc::property_diff::Kind::Update);
}

#[tokio::test]
async fn an_image_that_was_removed_is_reported_gone() {
    let mut rig = Rig::new().await;
    let state = rig.create(&inputs(), false).await.unwrap();
    assert!(rig.is_there(&state).await.unwrap());
    rig.registry.contents().manifests.clear();
    assert!(!rig.is_there(&state).await.unwrap());
}

#[tokio::test]
async fn an_image_whose_repository_was_removed_is_reported_gone() {
    let mut rig = Rig::new().await;
    let state = rig.create(&inputs(), false).await.unwrap();
    rig.registry.contents().repository_exists = false;
    assert!(!rig.is_there(&state).await.unwrap());
    rig.delete(&state).await.unwrap();
}

#[tokio::test]
async fn delete_removes_the_image_and_may_be_repeated() {
    let mut rig = Rig::new().await;
    let state = rig.create(&inputs(), false).await.unwrap();
    rig.delete(&state).await.unwrap();
    assert!(rig.registry.contents().manifests.is_empty());
    rig.delete(&state).await.unwrap();
}

#[tokio::test]
async fn a_secret_address_stays_a_secret() {
    let mut rig = Rig::new().await;
    let mut given = inputs();
    given["repositoryUrl"] = json!({ "secret": REPOSITORY });
    let (checked, failures) = rig.check(&given).await.unwrap();
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(checked["repositoryUrl"], given["repositoryUrl"]);
    let state = rig.create(&checked, false).await.unwrap();
    assert!(state["imageUri"]["secret"].as_str().unwrap().starts_with(REPOSITORY));
    assert!(rig.is_there(&state).await.unwrap());
    rig.delete(&state).await.unwrap();
    assert!(!rig.said.everything().join("\n").contains(REPOSITORY), "{:?}", rig.said.everything());
}
