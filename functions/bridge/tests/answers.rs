//! What Alexa is answered, for everything that can happen on the way to Home Assistant.

mod house;

use std::time::{Duration, Instant};

use house::{Behaviour, House, answer, error_type, fixture, logged, value};
use serde_json::Value;
use tailnet::fake::RUNNING;

fn good() -> Behaviour {
    answer("200 OK", &fixture("turn-on-reply"))
}

#[tokio::test]
async fn a_directive_goes_there_and_its_reply_comes_back_unchanged() {
    let house = House::with(good()).await;
    let event = fixture("turn-on");
    let answer = house.ask(&event).await;
    assert_eq!(serde_json::to_string(&answer.event).expect("json"), fixture("turn-on-reply").trim());
    assert_eq!(answer.log.outcome, "home_assistant");

    let requests = house.requests();
    let [(head, body)] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(*body, event, "the bytes are forwarded as they came");
    assert!(head.starts_with("POST /api/alexa/smart_home HTTP/1.1\r\n"), "{head}");
    for line in [
        "authorization: Bearer made-up-token-of-the-linked-user\r\n",
        "content-type: application/json\r\n",
        "host: home.example:",
    ] {
        assert!(head.contains(line), "{line} is not in {head}");
    }
}

#[tokio::test]
async fn the_token_is_found_wherever_the_directive_has_it() {
    for name in ["turn-on", "discover", "accept-grant", "report-state"] {
        let house = House::with(good()).await;
        house.ask(&fixture(name)).await;
        let (head, _) = house.requests().pop().expect(name);
        assert!(head.contains("authorization: Bearer made-up-token-of-the-linked-user"), "{name}: {head}");
    }
}

#[tokio::test]
async fn a_long_lived_token_takes_the_place_of_the_directives() {
    let house = House::with_settings(good(), &[("LONG_LIVED_ACCESS_TOKEN", "long-lived")]).await;
    for event in [fixture("turn-on"), fixture("turn-on").replace("\"token\"", "\"none\"")] {
        assert_eq!(house.ask(&event).await.log.outcome, "home_assistant");
        let (head, _) = house.requests().pop().expect("a request");
        assert!(head.contains("authorization: Bearer long-lived\r\n"), "{head}");
    }
}

#[tokio::test]
async fn the_second_directive_uses_the_connection_of_the_first() {
    let house = House::with(good()).await;
    for _ in 0..3 {
        assert_eq!(house.ask(&fixture("turn-on")).await.log.outcome, "home_assistant");
    }
    assert_eq!((house.connections(), house.requests().len()), (1, 3));
}

#[tokio::test]
async fn every_answer_of_home_assistant_becomes_the_right_type() {
    let whole = fixture("turn-on-reply");
    let half =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", whole.len(), &whole[..whole.len() / 2]);
    let oversized = format!("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n{}", " ".repeat(9_000_000));
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://home.example/\r\nContent-Length: 0\r\n\r\n";
    for (behaviour, wanted) in [
        (answer("401 Unauthorized", "401: Unauthorized"), "INVALID_AUTHORIZATION_CREDENTIAL"),
        (answer("403 Forbidden", "403: Forbidden"), "INVALID_AUTHORIZATION_CREDENTIAL"),
        (answer("404 Not Found", "404: Not Found"), "BRIDGE_UNREACHABLE"),
        (answer("503 Service Unavailable", ""), "BRIDGE_UNREACHABLE"),
        (answer("502 Bad Gateway", "<html>nginx</html>"), "BRIDGE_UNREACHABLE"),
        (answer("500 Internal Server Error", "500"), "INTERNAL_ERROR"),
        (answer("400 Bad Request", ""), "INTERNAL_ERROR"),
        (answer("200 OK", "<html><body>Home Assistant</body></html>"), "INTERNAL_ERROR"),
        (answer("200 OK", ""), "INTERNAL_ERROR"),
        (answer("200 OK", r#"{"event":{"header":{}}}"#), "INTERNAL_ERROR"),
        (answer("204 No Content", ""), "INTERNAL_ERROR"),
        (Behaviour::Send(redirect.into()), "INTERNAL_ERROR"),
        (Behaviour::Send(oversized), "INTERNAL_ERROR"),
        (Behaviour::SendAndClose(half), "BRIDGE_UNREACHABLE"),
        (Behaviour::SendAndClose(String::new()), "BRIDGE_UNREACHABLE"),
        (Behaviour::SendAndClose("SSH-2.0-OpenSSH_9.2\r\n".into()), "BRIDGE_UNREACHABLE"),
    ] {
        let house = House::with(behaviour.clone()).await;
        let answer = house.ask(&fixture("turn-on")).await;
        assert_eq!(error_type(&answer), wanted, "{}", logged(&answer));
        assert_eq!(answer.log.outcome, wanted);
        let broke = matches!(behaviour, Behaviour::SendAndClose(_));
        assert_eq!(house.requests().len(), if broke { 2 } else { 1 }, "TurnOn may be told twice, if need be");
        let event = value(&answer);
        assert_eq!(event["event"]["endpoint"]["endpointId"], "light#kitchen_lights");

        house.behave(good());
        assert_eq!(house.ask(&fixture("turn-on")).await.log.outcome, "home_assistant", "it recovers");
    }
}

#[tokio::test]
async fn what_is_not_safe_to_repeat_is_sent_once_whatever_happens() {
    let adjust = fixture("turn-on")
        .replace("PowerController", "BrightnessController")
        .replace("TurnOn", "AdjustBrightness");
    let house = House::with(Behaviour::SendAndClose(String::new())).await;
    assert_eq!(error_type(&house.ask(&adjust).await), "BRIDGE_UNREACHABLE");
    house.behave(Behaviour::Silence);
    assert_eq!(error_type(&house.ask_within(&adjust, Duration::from_secs(2)).await), "BRIDGE_UNREACHABLE");
    assert_eq!(house.requests().len(), 2, "one for each directive");
}

#[tokio::test]
async fn the_way_beneath_what_is_sent_once_is_repaired() {
    let adjust = fixture("turn-on")
        .replace("PowerController", "BrightnessController")
        .replace("TurnOn", "AdjustBrightness");
    let house = House::with(good()).await;
    house.ask(&fixture("turn-on")).await;
    house.behave(Behaviour::Silence);
    house.tailnet.stall(1);
    house.ask_within(&adjust, Duration::from_secs(3)).await;
    let switched =
        |want: bool| format!(r#"PATCH /localapi/v0/prefs {{"WantRunning":{want},"WantRunningSet":true}}"#);
    assert_eq!(house.tailnet.asked(), [switched(false), switched(true)]);
    assert_eq!(house.requests().len(), 2, "one for each directive");
}

#[tokio::test]
async fn a_reply_that_does_not_come_is_asked_for_again_over_a_new_connection() {
    let house = House::with(Behaviour::SilenceThen(Box::new(good()))).await;
    assert_eq!(house.ask(&fixture("turn-on")).await.log.outcome, "home_assistant");
    assert_eq!((house.connections(), house.requests().len()), (2, 2));
}

#[tokio::test]
async fn silence_is_answered_before_the_deadline() {
    let house = House::with(Behaviour::Silence).await;
    let half_a_head = House::with(Behaviour::Send("HTTP/1.1 200 OK\r\nContent-Le".into())).await;
    for house in [house, half_a_head] {
        let begun = Instant::now();
        let answer = house.ask_within(&fixture("turn-on"), Duration::from_millis(300)).await;
        assert!(begun.elapsed() < Duration::from_secs(3));
        assert_eq!(error_type(&answer), "BRIDGE_UNREACHABLE");
    }
}

#[tokio::test]
async fn each_kind_of_directive_fails_in_its_own_form() {
    let house = House::with(answer("401 Unauthorized", "")).await;
    for name in ["turn-on", "report-state", "discover", "accept-grant"] {
        let mut failed = value(&house.ask(&fixture(name)).await);
        failed["event"]["header"]["messageId"] = "new for each reply".into();
        let wanted: Value = serde_json::from_str(&fixture(&format!("{name}-failed"))).expect(name);
        assert_eq!(failed, wanted, "{name}");
    }
}

#[tokio::test]
async fn a_discovery_that_failed_is_told_apart_in_the_log() {
    let house = House::with(answer("401 Unauthorized", "")).await;
    let line = logged(&house.ask(&fixture("discover")).await);
    assert_eq!(line["message"], "directive answered");
    assert_eq!(line["outcome"], "INVALID_AUTHORIZATION_CREDENTIAL");
    assert_eq!(line["namespace"], "Alexa.Discovery");
    assert_eq!(line["name"], "Discover");
    assert!(line["failure"].as_str().is_some_and(|text| text.contains("401")), "{line}");
}

#[tokio::test]
async fn the_log_tells_the_phases_of_a_cold_start_once() {
    let house = House::with(good()).await;
    let phases = |line: &Value| {
        line["phases_ms"].as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ")
    };
    let cold = logged(&house.ask(&fixture("turn-on")).await);
    assert_eq!(cold["cold"], true);
    assert_eq!(phases(&cold), "control dial exec local_api name netmap reply secrets");
    let warm = logged(&house.ask(&fixture("turn-on")).await);
    assert_eq!(warm["cold"], false);
    assert_eq!(phases(&warm), "reply");
}

#[tokio::test]
async fn what_is_no_directive_is_answered_as_one() {
    let house = House::with(good()).await;
    let turn_on = fixture("turn-on");
    for event in [
        String::new(),
        "this is not json".into(),
        "null".into(),
        "{}".into(),
        r#"{"directive":{"header":{}}}"#.into(),
        r#"{"directive":{"header":{"namespace":7,"name":[],"correlationToken":"kept"}}}"#.into(),
        turn_on.replace("\"TurnOn\"", "\"\""),
        turn_on.replace("\"payloadVersion\": \"3\"", "\"payloadVersion\": \"2\""),
        turn_on.replace("\"payload\": {}", &format!("\"payload\": \"{}\"", "x".repeat(1024 * 1024))),
    ] {
        let answer = house.ask(&event).await;
        assert_eq!(error_type(&answer), "INVALID_DIRECTIVE", "{}", event.get(..80).unwrap_or(&event));
    }
    assert!(house.requests().is_empty(), "none of them was forwarded");
}

#[tokio::test]
async fn a_directive_without_a_token_is_not_forwarded() {
    let house = House::with(good()).await;
    let answer = house.ask(&fixture("turn-on").replace("\"token\"", "\"none\"")).await;
    assert_eq!(error_type(&answer), "INVALID_AUTHORIZATION_CREDENTIAL");
    let answer = house.ask(&fixture("turn-on").replace("made-up-token", "made\\nup")).await;
    assert_eq!(error_type(&answer), "INVALID_AUTHORIZATION_CREDENTIAL");
    assert!(house.requests().is_empty());
}

#[tokio::test]
async fn a_host_that_is_not_there_is_an_unreachable_bridge() {
    for base_url in ["http://unknown.example:8123", "http://100.64.0.9:8123", "http://home.example:1"] {
        let house = House::with_settings(good(), &[("BASE_URL", base_url)]).await;
        let answer = house.ask(&fixture("turn-on")).await;
        assert_eq!(error_type(&answer), "BRIDGE_UNREACHABLE", "{base_url}");
    }
}

#[tokio::test]
async fn a_tailnet_that_does_not_come_up_is_an_unreachable_bridge() {
    let house = House::without_tailnet(good(), &[]).await;
    let answer = house.ask_within(&fixture("turn-on"), Duration::from_millis(200)).await;
    assert_eq!(error_type(&answer), "BRIDGE_UNREACHABLE");
    let message = value(&answer)["event"]["payload"]["message"].clone();
    assert_eq!(
        message,
        "the tailnet cannot be reached: tailscaled is not yet registered at the control server"
    );
}

#[tokio::test]
async fn a_wrong_auth_key_is_answered_at_once_and_tried_anew_with_the_next_directive() {
    let house = House::without_tailnet(good(), &[]).await;
    house.tailnet.tell(r#"{"ErrMessage":"invalid pre auth key"}"#);
    let begun = Instant::now();
    let answer = house.ask(&fixture("turn-on")).await;
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(error_type(&answer), "BRIDGE_UNREACHABLE");
    assert!(logged(&answer).to_string().contains("refused by the control server: invalid pre auth key"));

    house.tailnet.tell(RUNNING);
    assert_eq!(house.ask(&fixture("turn-on")).await.log.outcome, "home_assistant");
}

#[tokio::test]
async fn a_tailscaled_that_was_killed_is_started_again_within_the_next_directive() {
    let adjust = fixture("turn-on")
        .replace("PowerController", "BrightnessController")
        .replace("TurnOn", "AdjustBrightness");
    for event in [fixture("turn-on"), adjust] {
        let house = House::with(good()).await;
        // It leaves no connection, so that nothing of the directive can have been sent over one that is broken.
        house.bridge.warm(Instant::now() + Duration::from_secs(5)).await;
        house.tailnet.kill().await;
        let line = logged(&house.ask(&event).await);
        assert_eq!(line["outcome"], "home_assistant", "{line}");
        assert!(line["phases_ms"]["exec"].is_number(), "{line}");
        assert_eq!(house.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_stalled_first_dial_is_recovered_within_the_directive() {
    let house = House::with(good()).await;
    house.tailnet.stall(1);
    assert_eq!(house.ask(&fixture("turn-on")).await.log.outcome, "home_assistant");
    assert_eq!(house.requests().len(), 1);
}
