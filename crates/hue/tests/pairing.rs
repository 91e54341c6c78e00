//! A key for whoever presses the button.

use std::sync::Arc;
use std::time::Duration;

use certificates::Fingerprint;
use hue::fake::{FakeBridge, PlayedClock, Refusal};
use hue::{Address, Clock, DeviceType, PairError, Paired, look};
use secrecy::ExposeSecret;

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn fake() -> (FakeBridge, PlayedClock) {
    let clock = PlayedClock::new();
    (FakeBridge::start(Arc::new(clock.clone())).await, clock)
}

async fn pair(fake: &FakeBridge, clock: &PlayedClock) -> Result<Paired, PairError> {
    let found = look(fake.address()).await?;
    let deadline = clock.now() + s(60);
    found.pair(&DeviceType::of_host("front-door"), clock, deadline).await
}

#[tokio::test]
async fn a_bridge_tells_who_it_is_before_it_is_paired() {
    let (fake, _) = fake().await;
    let found = look(fake.address()).await.expect("a bridge");
    assert_eq!((found.id.to_string().as_str(), found.name.as_str()), (FakeBridge::ID, "Hue Bridge"));
    assert!(found.pin().matches(&fake.pin));
    assert_eq!(fake.asked(), ["GET /api/config"]);
}

#[tokio::test]
async fn it_gives_a_key_when_its_button_is_pressed() {
    let (fake, clock) = fake().await;
    clock.let_go_until(s(10));
    let deadline = clock.now() + s(60);
    let found = look(fake.address()).await.expect("a bridge");
    let played = clock.clone();
    let pairing =
        tokio::spawn(async move { found.pair(&DeviceType::of_host("front-door"), &played, deadline).await });
    clock.until_waiting(1).await;
    fake.press_button();
    clock.let_go_until(s(60));
    let paired = pairing.await.expect("a task").expect("a key");
    assert_eq!(paired.key.expose_secret(), "made-up-key-1");
    assert!(paired.pin.matches(&fake.pin));
    assert_eq!(paired.id.to_string(), FakeBridge::ID);
    let asked = fake.asked();
    assert_eq!(asked[1], r#"POST /api {"devicetype":"porch#front-door"}"#);
    assert_eq!(asked.iter().filter(|asked| asked.starts_with("POST")).count(), 12);
    assert_eq!(asked.last().map(String::as_str), Some("GET /clip/v2/resource/bridge"));
    assert!(!format!("{paired:?}").contains("made-up-key"), "{paired:?}");
}

#[tokio::test]
async fn it_is_asked_for_a_minute_and_no_longer() {
    let (fake, clock) = fake().await;
    let error = pair(&fake, &clock).await.expect_err("no key");
    assert!(matches!(error, PairError::NotPressed), "{error:?}");
    assert!((s(58)..s(61)).contains(&clock.passed()), "{:?}", clock.passed());
}

#[tokio::test]
async fn each_answer_but_a_key_has_its_error() {
    for (refusal, wanted) in [
        (
            Refusal::Nonsense(r#"[{"error":{"type":7,"address":"/","description":"invalid value"}}]"#),
            "the bridge gives no key: invalid value",
        ),
        (Refusal::Nonsense(r#"[{"success":{"username":"planted key"}}]"#), "no key in it that can be used"),
        (Refusal::Nonsense(r#"[{"success":"planted key"}]"#), "no key in it that can be used"),
        (Refusal::Nonsense("[]"), "no key in it that can be used"),
        (Refusal::Status(404, "Not Found"), "the bridge refused it with 404 Not Found: POST /api"),
    ] {
        let (fake, clock) = fake().await;
        let found = look(fake.address()).await.expect("a bridge");
        fake.answer_next(refusal);
        let error =
            found.pair(&DeviceType::of_host(""), &clock, clock.now() + s(60)).await.expect_err("no key");
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_no_bridge_is_told() {
    let (fake, _) = fake().await;
    for refusal in [Refusal::Nonsense("<html>"), Refusal::Nonsense(r#"{"bridgeid":"a","name":"b"}"#)] {
        fake.answer_next(refusal);
        let error = look(fake.address()).await.expect_err("no bridge");
        assert!(matches!(error, PairError::NoBridge(_)), "{error:?}");
    }
    let nowhere = Address::parse("127.0.0.1:1").expect("an address");
    let error = look(&nowhere).await.expect_err("nobody");
    assert!(matches!(error, PairError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_bridge_without_the_v2_api_is_told() {
    let (fake, clock) = fake().await;
    let found = look(fake.address()).await.expect("a bridge");
    fake.answer_next(Refusal::Nonsense(r#"[{"success":{"username":"made-up"}}]"#));
    fake.answer_next(Refusal::Status(404, "Not Found"));
    let error = found.pair(&DeviceType::of_host(""), &clock, clock.now() + s(60)).await.expect_err("old");
    assert!(matches!(error, PairError::TooOld), "{error:?}");
    assert!(!fake.pin.matches(&Fingerprint::of(b"")));
}
