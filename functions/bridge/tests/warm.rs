//! What an event that keeps an execution environment warm does, and what it leaves alone.

mod house;

use std::time::{Duration, Instant};

use bridge::Warmed;
use house::{Behaviour, House, answer, fixture, logged};
use serde_json::{Value, json};

fn good() -> Behaviour {
    answer("200 OK", &fixture("turn-on-reply"))
}

async fn warm(house: &House, time: Duration) -> (Value, Value) {
    let Warmed { warmth, log } = house.bridge.warm(Instant::now() + time).await;
    let mut line = Vec::new();
    log.write(&mut line);
    (serde_json::to_value(&warmth).expect("json"), serde_json::from_slice(&line).expect("a line of json"))
}

#[tokio::test]
async fn the_directive_after_it_finds_the_tunnel_up() {
    let house = House::with(good()).await;
    let (warmth, line) = warm(&house, Duration::from_secs(5)).await;
    assert_eq!(warmth, json!({"porch": "warm", "tunnel": "up"}));
    assert_eq!(
        (&line["level"], &line["message"], &line["cold"]),
        (&json!("INFO"), &json!("kept warm"), &json!(true))
    );
    let phases: Vec<_> = line["phases_ms"].as_object().expect("an object").keys().cloned().collect();
    assert_eq!(phases, ["control", "dial", "exec", "local_api", "name", "netmap", "secrets"]);
    assert!(house.requests().is_empty(), "home assistant is asked nothing");

    let directive = logged(&house.ask(&fixture("turn-on")).await);
    assert_eq!((&directive["outcome"], &directive["cold"]), (&json!("home_assistant"), &json!(false)));
    let phases: Vec<_> = directive["phases_ms"].as_object().expect("an object").keys().cloned().collect();
    assert_eq!(phases, ["dial", "name", "reply"]);
}

#[tokio::test]
async fn a_house_that_cannot_be_reached_is_neither_a_warning_nor_a_metric() {
    let unreachable = House::with_settings(good(), &[("BASE_URL", "http://unknown.example:8123")]).await;
    let late = House::without_tailnet(good(), &[]).await;
    for (house, reason) in [
        (unreachable, "home assistant cannot be reached: the tailnet knows no address of `unknown.example`"),
        (late, "the tailnet cannot be reached: tailscaled is not yet registered at the control server"),
    ] {
        let (warmth, line) = warm(&house, Duration::from_millis(300)).await;
        assert_eq!(warmth, json!({"porch": "warm", "tunnel": "down", "reason": reason}));
        assert_eq!((&line["level"], &line["reason"]), (&json!("INFO"), &json!(reason)));
        assert!(line.get("_aws").is_none() && line.get("Failed").is_none(), "{line}");
    }
}
