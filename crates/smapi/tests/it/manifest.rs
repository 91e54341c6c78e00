//! What porch says is laid over what Amazon has.

use std::collections::{BTreeMap, BTreeSet};

use alexa::Region;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use smapi::{Document, Endpoints, FunctionArn, Listing, Manifest};

use crate::play::{endpoints, function, listing, manifest};

fn document(value: Value) -> Document {
    serde_json::from_value(value).unwrap()
}

fn written(document: &Document) -> Value {
    serde_json::to_value(document).unwrap()
}

#[test]
fn what_others_have_put_there_stays() {
    let found = json!({
        "manifestVersion": "1.0",
        "publishingInformation": {
            "category": "SMART_HOME",
            "testingInstructions": "ring",
            "locales": {
                "en-US": {"name": "Old", "smallIconUri": "https://example.com/a.png"},
                "fr-FR": {"name": "Ancien"},
            },
        },
        "privacyAndCompliance": {"usesHealthInfo": false, "locales": {"fr-FR": {"privacyPolicyUrl": "https://x"}}},
        "permissions": [{"name": "alexa::async_event:write", "scope": "new"}, {"name": "alexa::device_id:read"}],
        "apis": {"smartHome": {"protocolVersion": "2", "endpoint": {"uri": "arn:old", "sslCertificateType": "Trusted"}}},
        "events": {"subscriptions": []},
    });
    let laid = written(&document(found).with(&manifest()));
    assert_eq!(
        laid,
        json!({
            "manifestVersion": "1.0",
            "publishingInformation": {
                "category": "SMART_HOME",
                "distributionMode": "PUBLIC",
                "isAvailableWorldwide": true,
                "testingInstructions": "ring",
                "locales": {"en-US": {
                    "name": "Front door",
                    "summary": "Doorbell",
                    "description": "Tells who rings",
                    "examplePhrases": ["Alexa, discover devices"],
                    "keywords": ["doorbell"],
                    "smallIconUri": "https://example.com/a.png",
                }},
            },
            "privacyAndCompliance": {
                "allowsPurchases": false,
                "containsAds": false,
                "isChildDirected": false,
                "isExportCompliant": true,
                "usesPersonalInfo": false,
                "usesHealthInfo": false,
                "locales": {"en-US": {"privacyPolicyUrl": "https://example.com/privacy"}},
            },
            "permissions": [{"name": "alexa::async_event:write", "scope": "new"}],
            "apis": {"smartHome": {
                "protocolVersion": "3",
                "endpoint": {"uri": "arn:old", "sslCertificateType": "Trusted"},
            }},
            "events": {"subscriptions": []},
        })
    );
    let moved = written(&document(laid.clone()).with_endpoints(Some(&endpoints())));
    assert_eq!(moved["apis"]["smartHome"]["endpoint"]["sslCertificateType"], "Trusted");
    assert_eq!(document(moved).endpoints(), Some(endpoints()));
    let gone = written(&document(laid).with_endpoints(None));
    assert_eq!(gone["apis"]["smartHome"], json!({"protocolVersion": "3"}));
}

#[test]
fn a_mark_for_reviewers_is_read_back_and_survives_a_change() {
    let marked = Document::new(&manifest()).with_testing_instructions("for the front door");
    assert_eq!(marked.with(&manifest()).testing_instructions(), Some("for the front door"));
    assert!(marked.has(&manifest()), "it is nothing that a manifest says");
    assert_eq!(Document::new(&manifest()).testing_instructions(), None);
}

#[test]
fn what_is_there_is_read_as_far_as_it_is_understood() {
    let found =
        document(json!({"apis": {"smartHome": {"endpoint": {"uri": "https://x"}}}, "permissions": 3}));
    assert_eq!((found.manifest(), found.endpoints()), (Manifest::default(), None));
    let regions =
        json!({"EU": {"endpoint": {"uri": crate::play::EUROPEAN}}, "SA": {"endpoint": {"uri": "arn:x"}}});
    let endpoint = json!({"uri": crate::play::FUNCTION});
    let found = document(json!({"apis": {"smartHome": {"endpoint": endpoint, "regions": regions}}}));
    assert_eq!(found.endpoints(), Some(endpoints()));
    assert!(!found.has_endpoints(Some(&endpoints())), "one of a region that porch does not say anything of");
}

pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// A manifest with anything at any of these places, and strangers beside them.
fn any_document() -> impl Strategy<Value = Document> {
    let places = prop_oneof![
        Just(""),
        Just("publishingInformation"),
        Just("publishingInformation/locales"),
        Just("publishingInformation/locales/en-US"),
        Just("privacyAndCompliance"),
        Just("privacyAndCompliance/locales"),
        Just("permissions"),
        Just("apis"),
        Just("apis/smartHome"),
        Just("apis/smartHome/endpoint"),
        Just("apis/smartHome/regions"),
        Just("apis/custom"),
        Just("events"),
    ];
    proptest::collection::vec((places, any_json()), 0..6).prop_map(|put| {
        let mut whole = Map::new();
        for (place, value) in put {
            let mut parent = &mut whole;
            let names: Vec<&str> = place.split('/').collect();
            let (last, names) = names.split_last().unwrap();
            for name in names {
                let next = parent.entry(*name).or_insert_with(|| json!({}));
                if !next.is_object() {
                    *next = json!({});
                }
                parent = next.as_object_mut().unwrap();
            }
            let last = if last.is_empty() { "stranger" } else { last };
            parent.insert(last.to_owned(), value);
        }
        document(whole.into())
    })
}

fn any_manifest() -> impl Strategy<Value = Manifest> {
    let locale = prop_oneof![Just("en-US"), Just("de-DE"), Just("fr-FR")];
    let listing = ("[a-z]{2,8}", any::<bool>()).prop_map(|(name, has_policy)| Listing {
        privacy_policy_url: has_policy.then(|| "https://example.com/privacy".parse().unwrap()),
        ..listing(&name)
    });
    let permission = prop_oneof![Just("alexa::async_event:write"), Just("alexa::device_id:read")];
    let locales = proptest::collection::btree_map(locale.prop_map(str::to_owned), listing, 1..3);
    let permissions = proptest::collection::btree_set(permission.prop_map(str::to_owned), 0..3);
    (locales, permissions)
        .prop_map(|(locales, permissions): (BTreeMap<_, _>, BTreeSet<_>)| Manifest { locales, permissions })
}

fn any_endpoints() -> impl Strategy<Value = Option<Endpoints>> {
    let arn = || {
        "[a-z]{1,5}"
            .prop_map(|name| function(&format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}")))
    };
    let region = prop_oneof![Just(Region::NorthAmerica), Just(Region::Europe), Just(Region::FarEast)];
    let regions = proptest::collection::btree_map(region, arn(), 0..3);
    let endpoints = (arn(), regions)
        .prop_map(|(default, regions): (FunctionArn, BTreeMap<_, _>)| Endpoints { default, regions });
    proptest::option::of(endpoints)
}

/// All of a document but what porch says.
fn rest(document: &Document) -> Value {
    let mut whole = written(document);
    let remove = |value: Option<&mut Value>, names: &[&str]| {
        if let Some(members) = value.and_then(Value::as_object_mut) {
            members.retain(|name, _| !names.contains(&name.as_str()));
        }
    };
    remove(
        whole.pointer_mut("/publishingInformation"),
        &["category", "distributionMode", "isAvailableWorldwide", "locales"],
    );
    let flags = [
        "allowsPurchases",
        "containsAds",
        "isChildDirected",
        "isExportCompliant",
        "usesPersonalInfo",
        "locales",
    ];
    remove(whole.pointer_mut("/privacyAndCompliance"), &flags);
    remove(whole.pointer_mut("/apis/smartHome"), &["protocolVersion", "endpoint", "regions"]);
    remove(Some(&mut whole), &["manifestVersion", "permissions"]);
    // Where porch says something, there is an object afterwards; what was none before says nothing.
    for place in ["/publishingInformation", "/privacyAndCompliance", "/apis", "/apis/smartHome"] {
        if let Some(value) = whole.pointer_mut(place)
            && !value.is_object()
        {
            *value = json!({});
        }
    }
    for (parent, name) in
        [("/apis", "smartHome"), ("", "apis"), ("", "publishingInformation"), ("", "privacyAndCompliance")]
    {
        if let Some(members) = whole.pointer_mut(parent).and_then(Value::as_object_mut)
            && members.get(name) == Some(&json!({}))
        {
            members.remove(name);
        }
    }
    whole
}

proptest! {
    #[test]
    fn what_is_laid_over_is_there_and_nothing_else_is_touched(
        found in any_document(), wanted in any_manifest(), endpoints in any_endpoints(),
    ) {
        let laid = found.with(&wanted).with_endpoints(endpoints.as_ref());
        prop_assert!(laid.has(&wanted) && laid.has_endpoints(endpoints.as_ref()));
        prop_assert_eq!(laid.manifest(), wanted.clone());
        prop_assert_eq!(laid.endpoints(), endpoints.clone());
        prop_assert_eq!(rest(&laid), rest(&found));
        prop_assert_eq!(found.with_endpoints(endpoints.as_ref()).with(&wanted), laid);
    }

    #[test]
    fn a_new_skill_says_what_it_was_made_with(wanted in any_manifest(), other in any_manifest()) {
        let made = Document::new(&wanted);
        prop_assert_eq!(made.manifest(), wanted.clone());
        prop_assert_eq!(made.has(&other), wanted == other);
        prop_assert_eq!(made.with(&other), Document::new(&other));
    }
}
