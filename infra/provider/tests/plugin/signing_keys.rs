//! A pair of keys, made once.

use package::{PublicKey, SigningKey};
use serde_json::json;

use crate::rig::{KEY, Rig};

#[tokio::test]
async fn a_pair_is_made_and_its_private_half_is_a_secret() {
    let mut rig = Rig::for_devices(KEY).await;
    let (inputs, failures) = rig.check(&json!({})).await.unwrap();
    assert_eq!((inputs, failures), (json!({}), Vec::new()));
    let state = rig.create(&json!({}), false).await.unwrap();
    let private = state["privateKey"]["secret"].as_str().unwrap();
    let pair = SigningKey::parse(&private.into()).unwrap();
    assert_eq!(PublicKey::parse(state["publicKey"].as_str().unwrap()).unwrap(), pair.public_key());
    let other = rig.create(&json!({}), false).await.unwrap();
    assert_ne!(state["publicKey"], other["publicKey"], "each is drawn anew");
}

#[tokio::test]
async fn a_preview_makes_none() {
    let mut rig = Rig::for_devices(KEY).await;
    let state = rig.create(&json!({}), true).await.unwrap();
    assert_eq!(state, json!({ "publicKey": "unknown", "privateKey": "unknown" }));
}

#[tokio::test]
async fn a_pair_is_there_for_as_long_as_its_state() {
    let mut rig = Rig::for_devices(KEY).await;
    let state = rig.create(&json!({}), false).await.unwrap();
    assert!(rig.is_there(&state).await.unwrap());
    rig.delete(&state).await.unwrap();
}

#[tokio::test]
async fn it_has_no_inputs() {
    let mut rig = Rig::for_devices(KEY).await;
    let (_, failures) = rig.check(&json!({ "seed": "planted" })).await.unwrap();
    assert_eq!(failures, ["seed: there is no such property; there are none"]);
}
