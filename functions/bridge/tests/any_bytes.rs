//! Whatever comes in, a valid Alexa event goes out.

mod house;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bridge::Bridge;
use bytes::Bytes;
use house::{assert_valid, fixture, settings, value};
use proptest::prelude::*;
use serde_json::Value;
use tailnet::Phases;

/// A bridge that has no tailscaled, and so fails for every directive that it can read.
fn bridge() -> Bridge {
    let environment = HashMap::from([
        ("BASE_URL", "http://ha"),
        ("TAILSCALE_AUTHKEY", "k"),
        ("TAILSCALED_PATH", "/nonexistent"),
    ]);
    let settings = settings(&environment).expect("good settings");
    let sidecar = settings.sidecar();
    Bridge::start(settings, sidecar, Phases::default())
}

fn check(event: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let deadline = Instant::now() + Duration::from_secs(5);
        let answer = bridge().answer(Bytes::copy_from_slice(event), deadline).await;
        assert_valid(&value(&answer), &serde_json::from_slice(event).unwrap_or_default());
    });
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop_oneof!["3", "Alexa", "Alexa.Discovery", "Discover", "Alexa.Authorization", "AcceptGrant"]
            .prop_map(Value::from),
    ];
    let key = prop_oneof![
        "directive|header|endpoint|payload|scope|grantee|namespace|name|payloadVersion|correlationToken",
        "endpointId|token|messageId|.{0,5}",
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(key.clone(), inner, 0..8).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(event: Vec<u8>) {
        check(&event);
    }

    #[test]
    fn any_json(event in json()) {
        check(event.to_string().as_bytes());
    }

    #[test]
    fn any_directive_with_a_part_replaced(
        name in prop_oneof!["turn-on", "discover", "accept-grant", "report-state"],
        path in prop_oneof![
            "/directive/(header|endpoint|payload)",
            "/directive/header/(namespace|name|payloadVersion|messageId|correlationToken)",
            "/directive/endpoint/(endpointId|scope|scope/token)",
        ],
        replacement in json(),
    ) {
        let mut event: Value = serde_json::from_str(&fixture(&name)).expect("json");
        if let Some(part) = event.pointer_mut(&path) {
            *part = replacement;
        }
        check(event.to_string().as_bytes());
    }

    #[test]
    fn any_directive_cut_short(length in 0_usize..600) {
        let event = fixture("turn-on");
        check(event.as_bytes().get(..length).unwrap_or(event.as_bytes()));
    }
}
