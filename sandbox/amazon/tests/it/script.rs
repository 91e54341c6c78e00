use std::time::Duration;

use fake_amazon::Host;
use fake_amazon::gateway::GatewayError;
use http::StatusCode;
use serde_json::{Value, json};

use crate::play::{Play, body, press, status};

#[test]
fn every_documented_error_of_the_gateway_is_answered_on_demand() {
    let mut play = Play::new();
    let (token, _) = play.grant();
    for error in GatewayError::ALL {
        let line = json!({"service": "gateway_eu", "answer": {"error": error.code()}});
        play.told("POST", "/script", &json!([line]));
        let reply = play.event(&token, &press(&token));
        assert_eq!(reply.answer.response.status(), error.status());
        assert_eq!(body(&reply)["payload"]["code"], error.code());
        assert_eq!(status(&play.event(&token, &press(&token))), 202, "the next one is told the truth");
    }
    assert_eq!(play.amazon.record.events().len(), GatewayError::ALL.len());
}

#[test]
fn every_documented_error_of_login_is_answered_on_demand() {
    let cases = [
        ("lwa_token", "invalid_request", 400),
        ("lwa_token", "invalid_client", 401),
        ("lwa_token", "invalid_grant", 400),
        ("lwa_token", "unauthorized_client", 400),
        ("lwa_token", "unsupported_grant_type", 400),
        ("lwa_token", "InternalFailure", 500),
        ("lwa_profile", "invalid_request", 400),
        ("lwa_profile", "invalid_token", 400),
        ("lwa_profile", "insufficient_scope", 403),
        ("lwa_profile", "InternalFailure", 500),
    ];
    let mut play = Play::new();
    for (service, code, wanted) in cases {
        play.told("POST", "/script", &json!([{"service": service, "answer": {"error": code}}]));
        let reply = match service {
            "lwa_token" => play.exchange("any"),
            _ => {
                let request =
                    http::Request::builder().uri("/user/profile").body(bytes::Bytes::new()).unwrap();
                play.send(Host::Login, &request)
            }
        };
        assert_eq!((status(&reply), reply.answer.error), (wanted, Some(code)), "{service}");
    }
}

#[test]
fn an_answer_can_be_late_lost_or_another_and_what_was_asked_happens_if_so_told() {
    let mut play = Play::new();
    let (token, _) = play.grant();
    play.told(
        "POST",
        "/script",
        &json!([
            {"service": "gateway_eu", "answer": "truth", "delay_ms": 1500},
            {"service": "gateway_eu", "answer": "cut"},
            {"service": "gateway_eu", "answer": "cut", "processed": true},
            {"service": "gateway_eu", "answer": {"other": {"status": 502, "body": "<html>"}}, "times": 2},
            {"service": "gateway_na", "answer": "cut"},
        ]),
    );
    let told: Vec<_> = (0..6)
        .map(|_| {
            let reply = play.event(&token, &press(&token));
            (status(&reply), reply.delay.as_millis(), reply.cut, play.amazon.record.events().len())
        })
        .collect();
    assert_eq!(told[0], (202, 1500, false, 1));
    assert!(told[1].2 && told[1].3 == 1, "a lost answer to nothing");
    assert!(told[2].2 && told[2].3 == 2, "a lost answer to an accepted event");
    assert_eq!(told[3..], [(502, 0, false, 2), (502, 0, false, 2), (202, 0, false, 3)]);
}

#[test]
fn a_code_is_used_up_when_the_answer_is_lost_on_its_way() {
    let mut play = Play::new();
    let code = play.code();
    play.told("POST", "/script", &json!([{"service": "lwa_token", "answer": "cut", "processed": true}]));
    assert!(play.exchange(&code).cut);
    assert_eq!(body(&play.exchange(&code))["error"], "invalid_grant");
}

#[test]
fn what_cannot_happen_cannot_be_scripted() {
    let mut play = Play::new();
    let line = |service: &str, answer: Value, delay_ms: u64| {
        json!([
            {"service": service, "answer": "cut"},
            {"service": service, "answer": answer, "delay_ms": delay_ms},
        ])
    };
    let wrong = [
        line("gateway_eu", json!({"error": "invalid_grant"}), 0),
        line("lwa_profile", json!({"error": "invalid_grant"}), 0),
        line("lwa_token", json!({"other": {"status": 99}}), 0),
        line("lwa_token", json!("cut"), 120_001),
        line("smapi", json!({"error": "invalid_grant"}), 0),
        line("alexa", json!("cut"), 0),
        json!([{"service": "lwa_token", "answer": "cut", "extra": 1}]),
    ];
    for script in wrong {
        let (status, answer) = play.tell("POST", "/script", &script);
        assert_eq!(status, StatusCode::BAD_REQUEST, "{script}");
        assert!(answer["message"].is_string());
    }
    play.told("POST", "/script", &line("lwa_token", json!("cut"), 5));
    play.told("DELETE", "/script", &Value::Null);
    let reply = play.exchange("any");
    assert!(!reply.cut && reply.delay == Duration::ZERO);
}
