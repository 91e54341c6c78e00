use http::StatusCode;
use serde_json::{Value, json};

use crate::play::{CLIENT, PROFILE, Play, SKILL, press, status};

#[test]
fn a_wrong_request_changes_nothing_and_says_why() {
    let skill = format!("/skills/{SKILL}");
    let cases = [
        ("GET", "/nothing", Value::Null, StatusCode::NOT_FOUND),
        ("PATCH", "/clock", json!({"ahead_s": 1}), StatusCode::NOT_FOUND),
        ("PUT", "/clock", json!({"ahead_s": -1}), StatusCode::BAD_REQUEST),
        ("PUT", "/clock", json!({"ahead": 1}), StatusCode::BAD_REQUEST),
        ("PUT", "/customers/bob", json!({"region": "SA"}), StatusCode::BAD_REQUEST),
        ("PUT", &skill, json!({"client_id": "c"}), StatusCode::BAD_REQUEST),
        (
            "PUT",
            "/customers/bob/skills/none",
            json!({"enabled": true, "may_send_events": true}),
            StatusCode::NOT_FOUND,
        ),
        ("POST", "/customers/bob/revoke", json!({}), StatusCode::NOT_FOUND),
        ("POST", "/customers/ann/skills/none/code", Value::Null, StatusCode::NOT_FOUND),
        ("PUT", "/refresh-tokens", json!({"refreshed": "often"}), StatusCode::BAD_REQUEST),
    ];
    let mut play = Play::new();
    let before = play.amazon.world.clone();
    for (method, path, body, wanted) in cases {
        let (status, answer) = play.tell(method, path, &body);
        assert_eq!(status, wanted, "{method} {path}: {answer}");
        assert!(answer["message"].is_string());
    }
    let elsewhere = json!({"scope": "profile", "redirect_uri": "https://elsewhere.example"});
    let path = format!("/customers/ann/security-profiles/{PROFILE}/code");
    assert_eq!(play.tell("POST", &path, &elsewhere).0, StatusCode::BAD_REQUEST);
    assert_eq!(play.amazon.world, before);
}

#[test]
fn the_clock_that_is_set_forward_ends_tokens() {
    let mut play = Play::new();
    let (token, _) = play.grant();
    play.told("PUT", "/clock", &json!({"ahead_s": 3600}));
    assert_eq!(status(&play.event(&token, &press(&token))), 401);
    play.told("PUT", "/clock", &json!({"ahead_s": 0}));
    assert_eq!(status(&play.event(&token, &press(&token))), 202);
}

#[test]
fn the_record_tells_requests_and_begins_anew_when_told() {
    let mut play = Play::new();
    let (token, _) = play.grant();
    play.event(&token, &json!({}));
    let requests = play.told("GET", "/requests", &Value::Null);
    assert_eq!((&requests[0]["service"], &requests[0]["status"]), (&json!("lwa_token"), &json!(200)));
    let refused = &requests[1];
    assert_eq!(
        (&refused["error"], &refused["scripted"]),
        (&json!("INVALID_REQUEST_EXCEPTION"), &json!(false))
    );
    assert_eq!(refused["reason"], "message has no event");
    play.told("DELETE", "/record", &Value::Null);
    assert_eq!(play.told("GET", "/requests", &Value::Null), json!([]));
}

#[test]
fn a_customer_who_moves_keeps_the_user_id() {
    let mut play = Play::new();
    let before = play.told("PUT", "/customers/ann", &json!({"region": "EU"}));
    assert_eq!(play.told("PUT", "/customers/ann", &json!({"region": "FE"})), before);
    assert_ne!(play.told("PUT", "/customers/bob", &json!({"region": "FE"})), before);
    assert!(play.amazon.world.customers["ann"].skills.contains_key(SKILL));
}

#[test]
fn no_secret_is_printed() {
    let mut play = Play::new();
    let (token, refresh_token) = play.grant();
    let code = play.code();
    let printed = format!("{:?}", play.amazon);
    for secret in [&token, &refresh_token, &code, &"skill-secret".to_owned(), &"login-secret".to_owned()] {
        assert!(!printed.contains(secret.as_str()));
    }
    assert!(printed.contains(CLIENT));
}
