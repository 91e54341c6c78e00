use std::time::Duration;

use fake_amazon::{Host, Region};
use serde_json::{Value, json};

use crate::play::{Play, SKILL, body, event, header, post, press, status};

/// Checks status, code and shape of a refusal.
#[track_caller]
fn check_refused(reply: &fake_amazon::Reply, wanted: (u16, &str)) {
    let answer = body(reply);
    let reason = &reply.answer.reason;
    assert_eq!((status(reply), answer["payload"]["code"].as_str().unwrap()), wanted, "{reason:?}");
    assert_eq!(
        (&answer["header"]["namespace"], &answer["header"]["name"]),
        (&json!("System"), &json!("Exception"))
    );
    assert!(answer["header"]["messageId"].is_string() && answer["payload"]["description"].is_string());
    assert_eq!(header(reply, "content-type"), "application/json");
}

const MALFORMED: (u16, &str) = (400, "INVALID_REQUEST_EXCEPTION");

/// A change of the bell's connectivity, as documented.
fn change(token: &str) -> Value {
    let property = |name: &str, value: Value| {
        json!({
            "namespace": if name == "connectivity" { "Alexa.EndpointHealth" } else { "Alexa.PowerController" },
            "name": name,
            "value": value,
            "timeOfSample": "2026-01-02T03:04:05.25Z",
            "uncertaintyInMilliseconds": 0,
        })
    };
    let mut message = press(token);
    message["event"]["header"]["namespace"] = json!("Alexa");
    message["event"]["header"]["name"] = json!("ChangeReport");
    message["event"]["payload"] = json!({"change": {
        "cause": {"type": "PERIODIC_POLL"},
        "properties": [property("connectivity", json!({"value": "UNREACHABLE"}))],
    }});
    message["context"] = json!({"properties": [property("powerState", json!("ON"))]});
    message
}

/// A bell that is new, as documented.
fn added(token: &str) -> Value {
    let mut message = deleted(token);
    message["event"]["header"]["name"] = json!("AddOrUpdateReport");
    message["event"]["payload"]["endpoints"] = json!([{
        "endpointId": "doorbell-01",
        "manufacturerName": "porch",
        "friendlyName": "Front door",
        "description": "Doorbell by porch",
        "displayCategories": ["DOORBELL"],
        "cookie": {},
        "additionalAttributes": {"softwareVersion": "0.1.0"},
        "capabilities": [
            {"type": "AlexaInterface", "interface": "Alexa.DoorbellEventSource", "version": "3",
             "proactivelyReported": true},
            {"type": "AlexaInterface", "interface": "Alexa.EndpointHealth", "version": "3.1", "properties": {
                "supported": [{"name": "connectivity"}], "proactivelyReported": true, "retrievable": true}},
            {"type": "AlexaInterface", "interface": "Alexa", "version": "3"},
        ],
    }]);
    message
}

/// A bell that is gone, as documented.
fn deleted(token: &str) -> Value {
    json!({"event": {
        "header": {
            "namespace": "Alexa.Discovery",
            "name": "DeleteReport",
            "payloadVersion": "3",
            "messageId": "5f8a426e-01e4-4cc9-8b79-65f8bd0fd8a4",
        },
        "payload": {
            "endpoints": [{"endpointId": "doorbell-01"}],
            "scope": {"type": "BearerToken", "token": token},
        },
    }})
}

#[test]
fn every_message_that_porch_sends_is_accepted_and_kept_without_its_token() {
    let mut play = Play::new();
    let (token, _) = play.grant();
    for message in [press(&token), change(&token), added(&token), deleted(&token)] {
        let reply = play.event(&token, &message);
        assert_eq!(status(&reply), 202, "{:?}", reply.answer.reason);
        assert!(reply.answer.response.body().is_empty());
    }
    let events = play.told("GET", "/events", &Value::Null);
    let names: Vec<_> =
        events.as_array().unwrap().iter().map(|event| &event["message"]["event"]["header"]["name"]).collect();
    assert_eq!(names, ["DoorbellPress", "ChangeReport", "AddOrUpdateReport", "DeleteReport"]);
    assert_eq!((&events[0]["customer"], &events[0]["skill"]), (&json!("ann"), &json!(SKILL)));
    assert_eq!((&events[0]["region"], &events[0]["at"]), (&json!("EU"), &json!("2027-01-15T08:00:00Z")));
    let record = format!("{events} {}", play.told("GET", "/requests", &Value::Null));
    assert!(!record.contains("Atz"), "{record}");
}

/// Checks that each change of a message makes it malformed: a place (JSON pointer) and what is put there; nothing
/// removes it.
#[track_caller]
fn check_malformed(message: fn(&str) -> Value, changes: &[(&str, Option<Value>)]) {
    let mut play = Play::new();
    let (token, _) = play.grant();
    for (place, value) in changes {
        let mut message = message(&token);
        let (parent, name) = place.rsplit_once('/').unwrap();
        let parent = message.pointer_mut(parent).unwrap_or_else(|| panic!("{place}"));
        match (parent, value) {
            (Value::Object(members), Some(value)) => drop(members.insert(name.to_owned(), value.clone())),
            (Value::Object(members), None) => assert!(members.remove(name).is_some(), "{place}"),
            (Value::Array(items), Some(value)) => items.push(value.clone()),
            (other, value) => panic!("{place} {other} {value:?}"),
        }
        let reply = play.event(&token, &message);
        assert_eq!(
            (status(&reply), reply.answer.error),
            (MALFORMED.0, Some(MALFORMED.1)),
            "{place} {value:?}"
        );
        assert!(!reply.answer.reason.unwrap().contains("Atza"));
    }
    assert!(play.amazon.record.events().is_empty());
}

#[test]
fn a_press_has_exactly_the_documented_shape() {
    let some = |value: Value| Some(value);
    check_malformed(
        press,
        &[
            ("/extra", some(json!(1))),
            ("/context", some(json!([]))),
            ("/event/extra", some(json!(1))),
            ("/event/header", None),
            ("/event/header/extra", some(json!(1))),
            ("/event/header/namespace", some(json!("Alexa"))),
            ("/event/header/name", some(json!("doorbellPress"))),
            ("/event/header/payloadVersion", some(json!(3))),
            ("/event/header/payloadVersion", some(json!("3.0"))),
            ("/event/header/messageId", None),
            ("/event/header/messageId", some(json!(""))),
            ("/event/header/messageId", some(json!("a_b"))),
            ("/event/header/messageId", some(json!("a".repeat(128)))),
            ("/event/header/correlationToken", some(json!(""))),
            ("/event/endpoint", None),
            ("/event/endpoint/endpointId", some(json!("front door"))),
            ("/event/endpoint/endpointId", some(json!("d".repeat(257)))),
            ("/event/endpoint/scope", None),
            ("/event/endpoint/scope/type", some(json!("Bearer"))),
            ("/event/endpoint/scope/token", some(json!("Atza|another"))),
            ("/event/payload", None),
            ("/event/payload/extra", some(json!(1))),
            ("/event/payload/cause", some(json!("PHYSICAL_INTERACTION"))),
            ("/event/payload/cause/type", some(json!("PRESSED"))),
            ("/event/payload/cause/extra", some(json!(1))),
            ("/event/payload/timestamp", None),
            ("/event/payload/timestamp", some(json!(1_700_000_000))),
            ("/event/payload/timestamp", some(json!("2026-01-02T03:04:05.23Z"))),
            ("/event/payload/timestamp", some(json!("2026-01-02T03:04:05+00:00"))),
            ("/event/payload/timestamp", some(json!("2026-01-02T03:04:05"))),
            ("/event/payload/timestamp", some(json!("2026-01-02 03:04:05Z"))),
            ("/event/payload/timestamp", some(json!("2026-02-30T03:04:05Z"))),
            ("/event/payload/timestamp", some(json!("2026-01-02T24:04:05Z"))),
            ("/event/payload/timestamp", some(json!("0026-01-02T03:04:05Z"))),
        ],
    );
}

#[test]
fn a_change_has_exactly_the_documented_shape() {
    let context = change("")["context"]["properties"][0].clone();
    let some = |value: Value| Some(value);
    let property = "/event/payload/change/properties/0";
    let at = |member: &str| format!("{property}/{member}");
    let places =
        [at("value/value"), at("timeOfSample"), at("uncertaintyInMilliseconds"), at("name"), at("extra")];
    check_malformed(
        change,
        &[
            ("/event/payload/change", None),
            ("/event/payload/extra", some(json!(1))),
            ("/event/payload/change/cause", None),
            ("/event/payload/change/cause/type", some(json!("BOREDOM"))),
            ("/event/payload/change/extra", some(json!(1))),
            ("/event/payload/change/properties", some(json!({}))),
            ("/event/payload/change/properties/-", some(context.clone())),
            ("/context/extra", some(json!(1))),
            ("/context/properties/-", some(context)),
            (&places[0], some(json!("GONE"))),
            (&places[1], some(json!("2026-01-02T03:04:05.1234Z"))),
            (&places[1], None),
            (&places[2], some(json!(-1))),
            (&places[3], some(json!("powerState"))),
            (&places[4], some(json!(1))),
        ],
    );
}

#[test]
fn a_report_of_endpoints_has_exactly_the_documented_shape() {
    let some = |value: Value| Some(value);
    let long = "a".repeat(129);
    check_malformed(
        added,
        &[
            ("/context", some(json!({}))),
            ("/event/endpoint", some(json!({"endpointId": "doorbell-01"}))),
            ("/event/payload/scope", None),
            ("/event/payload/extra", some(json!(1))),
            ("/event/payload/endpoints", None),
            ("/event/payload/endpoints/-", some(json!({"endpointId": "doorbell-02"}))),
            ("/event/payload/endpoints/0/description", some(json!(""))),
            ("/event/payload/endpoints/0/friendlyName", some(json!(long))),
            ("/event/payload/endpoints/0/displayCategories", some(json!([]))),
            ("/event/payload/endpoints/0/displayCategories/-", some(json!("DOORBELL"))),
            ("/event/payload/endpoints/0/displayCategories/-", some(json!("door bell"))),
            ("/event/payload/endpoints/0/cookie", some(json!({"key": 1}))),
            ("/event/payload/endpoints/0/connections", some(json!([{"type": "CABLE"}]))),
            ("/event/payload/endpoints/0/additionalAttributes/colour", some(json!("red"))),
            ("/event/payload/endpoints/0/additionalAttributes/model", some(json!("m".repeat(257)))),
            ("/event/payload/endpoints/0/capabilities", some(json!([]))),
            ("/event/payload/endpoints/0/capabilities/-", some(json!({"type": "AlexaInterface"}))),
            ("/event/payload/endpoints/0/capabilities/0/type", some(json!("Interface"))),
            ("/event/payload/endpoints/0/capabilities/0/version", some(json!("2"))),
            ("/event/payload/endpoints/0/capabilities/0/proactivelyReported", some(json!("yes"))),
            ("/event/payload/endpoints/0/capabilities/0/properties", some(json!({}))),
            ("/event/payload/endpoints/0/capabilities/1/properties", None),
        ],
    );
    check_malformed(
        deleted,
        &[
            ("/event/payload/endpoints/0/friendlyName", some(json!("Front door"))),
            ("/event/payload/endpoints/-", some(json!({"endpointId": "doorbell-01"}))),
            ("/event/payload/endpoints/-", some(json!({}))),
        ],
    );
}

#[test]
fn more_than_300_endpoints_or_256_kb_are_too_much() {
    let mut play = Play::new();
    let (token, _) = play.grant();
    let report = |count: usize| {
        let mut message = deleted(&token);
        let endpoints = (0..count).map(|number| json!({"endpointId": format!("bell-{number}")}));
        message["event"]["payload"]["endpoints"] = endpoints.collect();
        message
    };
    assert_eq!(status(&play.event(&token, &report(300))), 202);
    check_refused(&play.event(&token, &report(301)), (413, "REQUEST_ENTITY_TOO_LARGE_EXCEPTION"));
    let mut large = press(&token);
    large["context"] = json!({"note": "x".repeat(256 * 1024)});
    check_refused(&play.event(&token, &large), (413, "REQUEST_ENTITY_TOO_LARGE_EXCEPTION"));
}

#[test]
fn the_token_decides_what_the_gateway_answers() {
    let allowed = json!({"enabled": true, "may_send_events": true});
    let with = |name: &str, value: Value| {
        let mut changed = allowed.clone();
        changed[name] = value;
        changed
    };
    let skill = format!("/skills/{SKILL}");
    let enablement = format!("/customers/ann{skill}");
    let manifest = json!({
        "client_id": crate::play::CLIENT, "client_secret": crate::play::SECRET, "permissions": [],
    });
    let cases: [(&str, &str, Value, (u16, &str)); 8] = [
        ("POST", "/access-tokens/expire", Value::Null, (401, "INVALID_ACCESS_TOKEN_EXCEPTION")),
        ("POST", "/customers/ann/revoke", json!({}), (401, "INVALID_ACCESS_TOKEN_EXCEPTION")),
        ("PUT", &enablement, with("enabled", json!(false)), (403, "SKILL_DISABLED_EXCEPTION")),
        ("DELETE", &enablement, Value::Null, (403, "SKILL_NEVER_ENABLED_EXCEPTION")),
        (
            "PUT",
            &enablement,
            with("may_send_events", json!(false)),
            (403, "INSUFFICIENT_PERMISSION_EXCEPTION"),
        ),
        ("PUT", &skill, manifest, (403, "INSUFFICIENT_PERMISSION_EXCEPTION")),
        ("DELETE", &skill, Value::Null, (404, "SKILL_NOT_FOUND_EXCEPTION")),
        ("DELETE", "/customers/ann", Value::Null, (404, "ACCOUNT_NOT_FOUND_EXCEPTION")),
    ];
    for (method, path, change, wanted) in cases {
        let mut play = Play::new();
        let (token, _) = play.grant();
        assert_eq!(status(&play.event(&token, &press(&token))), 202);
        play.told(method, path, &change);
        check_refused(&play.event(&token, &press(&token)), wanted);
        assert_eq!(play.amazon.record.events().len(), 1, "{method} {path}");
    }
}

#[test]
fn an_event_belongs_to_the_customer_s_own_region() {
    let mut play = Play::new();
    let (token, _) = play.grant();
    let event = event(&token, &press(&token));
    for region in [Region::Na, Region::Fe] {
        let reply = play.send(Host::Alexa(region), &event);
        check_refused(&reply, (403, "SKILL_NEVER_ENABLED_EXCEPTION"));
    }
    assert_eq!(status(&play.send(Host::Alexa(Region::Eu), &event)), 202);
}

#[test]
fn a_token_is_good_for_an_hour_and_none_but_the_grant_s_is_good() {
    let mut play = Play::new();
    let (token, refresh_token) = play.grant();
    play.wait(Duration::from_secs(3599));
    assert_eq!(status(&play.event(&token, &press(&token))), 202);
    play.wait(Duration::from_secs(1));
    for token in [token.as_str(), refresh_token.as_str(), "", "Atza|unknown"] {
        check_refused(&play.event(token, &press(token)), (401, "INVALID_ACCESS_TOKEN_EXCEPTION"));
    }
    let fresh = body(&play.refresh(&refresh_token))["access_token"].as_str().unwrap().to_owned();
    assert_eq!(status(&play.event(&fresh, &press(&fresh))), 202);
}

#[test]
fn headers_are_looked_at_as_well() {
    let mut play = Play::new();
    let (token, _) = play.grant();
    let text = press(&token).to_string();
    let gateway = Host::Alexa(Region::Eu);
    let without_token = post("/v3/events", "application/json", text.clone());
    check_refused(&play.send(gateway, &without_token), (401, "INVALID_ACCESS_TOKEN_EXCEPTION"));
    for (kind, wanted) in [("text/json", 400), ("application/json; charset=utf-8", 202)] {
        let mut request = post("/v3/events", kind, text.clone());
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        assert_eq!(status(&play.send(gateway, &request)), wanted, "{kind}");
    }
    let mut basic = event(&token, &press(&token));
    basic.headers_mut().insert("authorization", token.parse().unwrap());
    check_refused(&play.send(gateway, &basic), (401, "INVALID_ACCESS_TOKEN_EXCEPTION"));
}
