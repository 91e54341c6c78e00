//! What the fake refuses in a body: whatever the specification does not have.

use bytes::Bytes;
use http::{Request, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use smapi::fake::{Developer, FakeSmapi, Smapi, Surroundings};
use smapi::{Access, Document};

use crate::manifest::any_json;
use crate::play::{endpoints, manifest};

/// The status and the words for a skill with this manifest.
fn create(manifest: &Value) -> (StatusCode, String) {
    let (status, answer, _) = post(json!({"vendorId": FakeSmapi::VENDOR, "manifest": manifest}).to_string());
    (status, answer)
}

/// The status and the words for this body, and how many skills there are then.
fn post(body: impl Into<Bytes>) -> (StatusCode, String, usize) {
    let mut smapi = Smapi::default();
    smapi.know_vendor(FakeSmapi::VENDOR, "Fake vendor", "developer");
    let developer =
        Developer { account: "developer".into(), scopes: Access::SCOPES.map(str::to_owned).into() };
    let request = Request::post("/v1/skills").header("content-type", "application/json");
    let request = request.body(body.into()).unwrap();
    let mut surroundings = Surroundings {
        now: std::time::SystemTime::UNIX_EPOCH,
        developer: Some(&developer),
        policies: &|_| None,
        fresh: &mut || [7; 32],
    };
    let reply = smapi.answer(&request, &mut surroundings);
    (reply.status(), String::from_utf8_lossy(reply.body()).into_owned(), smapi.skills().count())
}

fn good() -> Value {
    let document = Document::new(&manifest()).with_endpoints(Some(&endpoints()));
    serde_json::to_value(&document).unwrap()
}

/// Every place in a JSON text, those of objects alone if `is_object`.
fn places(value: &Value, is_object: bool, place: &str, found: &mut Vec<String>) {
    if value.is_object() || !is_object {
        found.push(place.to_owned());
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        places(member, is_object, &format!("{place}/{name}"), found);
    }
}

#[test]
fn what_porch_sends_is_taken() {
    assert_eq!(create(&good()).0, StatusCode::ACCEPTED);
}

#[test]
fn a_stranger_is_refused_wherever_it_stands() {
    let mut found = Vec::new();
    places(&good(), true, "", &mut found);
    assert!(found.len() > 10, "{found:?}");
    for place in found {
        let mut manifest = good();
        manifest.pointer_mut(&place).unwrap()["stranger"] = json!({});
        let (status, said) = create(&manifest);
        assert_eq!(status, StatusCode::BAD_REQUEST, "{place}");
        assert!(said.contains("has an unexpected member stranger."), "{place}: {said}");
    }
}

#[test]
fn values_that_are_not_allowed_are_refused() {
    let listing = "/publishingInformation/locales/en-US";
    for (place, value, said) in [
        ("/manifestVersion".to_owned(), json!("2.0"), "is not one of 1.0"),
        (format!("{listing}/name"), json!("x"), "is not text of 2 to 50 characters"),
        (format!("{listing}/summary"), json!("x".repeat(161)), "is not text of 0 to 160 characters"),
        (format!("{listing}/examplePhrases"), json!(["a", "b", "c", "d", "e"]), "is not a list of at most 4"),
        (format!("{listing}/keywords"), json!([1]), "is not text of 0 to 150 characters"),
        ("/publishingInformation/locales".into(), json!({}), "is not an object with members"),
        ("/publishingInformation/category".into(), json!("GAMES"), "is not one of SMART_HOME"),
        ("/privacyAndCompliance/containsAds".into(), json!("no"), "is not true or false"),
        ("/permissions".into(), json!([{}]), "has no required member name."),
        ("/apis".into(), json!({"custom": {}}), "has no required member smartHome."),
        ("/apis/smartHome/protocolVersion".into(), json!(3), "is not one of 2, 2.0, 3, 3.0"),
        (
            "/apis/smartHome/endpoint/uri".into(),
            json!("https://example.com"),
            "is not text that begins with arn:aws:lambda:",
        ),
        ("/apis/smartHome/regions".into(), json!({"SA": {}}), "has an unexpected member SA."),
    ] {
        let mut manifest = good();
        *manifest.pointer_mut(&place).unwrap() = value;
        let (status, answer) = create(&manifest);
        assert_eq!(status, StatusCode::BAD_REQUEST, "{place}");
        assert!(answer.contains(said), "{place}: {answer}");
    }
}

proptest! {
    #[test]
    fn any_body_is_answered_in_the_documented_form(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (status, answer, made) = post(bytes);
        prop_assert_eq!((status, made), (StatusCode::BAD_REQUEST, 0));
        let answer: Value = serde_json::from_str(&answer).unwrap();
        prop_assert!(answer["message"].is_string() && answer["violations"].is_array());
    }

    #[test]
    fn a_skill_with_anything_anywhere_is_made_or_refused_but_never_both(
        place in any::<proptest::sample::Index>(),
        value in any_json(),
    ) {
        let mut body = json!({"vendorId": FakeSmapi::VENDOR, "manifest": good()});
        let mut found = Vec::new();
        places(&body, false, "", &mut found);
        let place: &String = place.get(&found);
        *body.pointer_mut(place).unwrap() = value;
        let (status, answer, made) = post(body.to_string());
        prop_assert!(matches!((status.as_u16(), made), (202, 1) | (400 | 401, 0)), "{} {} {}", status, made, answer);
    }
}
