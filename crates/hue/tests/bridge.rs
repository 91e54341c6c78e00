//! What a bridge says, and whom it is told.

use std::sync::Arc;
use std::time::Duration;

use certificates::Fingerprint;
use hue::fake::{FakeBridge, PlayedClock, Refusal};
use hue::{Address, ApplicationKey, Bridge, BridgeSettings, Clock, HueError, Targets, Wanted};

async fn resolve(settings: BridgeSettings) -> Result<Targets, HueError> {
    let clock = PlayedClock::new();
    let bridge = Bridge::new(settings, Arc::new(clock.clone()), |longest| longest).expect("tls");
    let wanted = Wanted { lights: vec!["Hallway lamp".into()], ..Wanted::default() };
    bridge.resolve(&wanted, clock.now() + Duration::from_secs(10)).await
}

async fn fake() -> FakeBridge {
    FakeBridge::start(Arc::new(PlayedClock::new())).await
}

#[tokio::test]
async fn a_bridge_with_another_certificate_is_told_nothing() {
    let (fake, other) = (fake().await, fake().await);
    let settings = BridgeSettings { pin: other.pin, ..fake.settings() };
    let error = resolve(settings).await.expect_err("another certificate");
    let HueError::NotPinned { found, .. } = &error else { panic!("{error:?}") };
    assert!(found.matches(&fake.pin));
    assert!(error.to_string().contains("pair it anew"), "{error}");
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn each_answer_but_the_wanted_one_has_its_error() {
    for (refusals, wanted) in [
        (
            vec![Refusal::Status(400, "bad")],
            "the bridge refused it with 400 Bad Request: GET /clip/v2/resource/light; bad",
        ),
        (
            vec![Refusal::Status(403, "no")],
            "the bridge does not know the application key; was it removed in the app? pair it anew",
        ),
        (
            vec![Refusal::BUSY; 3],
            "the bridge is busy (429 Too Many Requests) and has not done it: GET /clip/v2/resource/light",
        ),
        (
            vec![Refusal::UNAVAILABLE; 3],
            "the bridge is busy (503 Service Unavailable) and has not done it: GET /clip/v2/resource/light",
        ),
        (
            vec![Refusal::Nonsense("<html>")],
            "the bridge's answer is not as documented: GET /clip/v2/resource/light",
        ),
        (vec![Refusal::Huge], "has not answered"),
        (vec![Refusal::LostAnswer; 3], "has not answered"),
    ] {
        let fake = fake().await;
        refusals.iter().for_each(|&refusal| fake.answer_next(refusal));
        let error = resolve(fake.settings()).await.expect_err("refused");
        assert!(error.to_string().contains(wanted), "{error}");
        assert_eq!(fake.asked().len(), refusals.len(), "{error}");
    }
}

#[tokio::test]
async fn what_passes_is_asked_three_times() {
    let fake = fake().await;
    fake.answer_next(Refusal::BUSY);
    fake.answer_next(Refusal::LostAnswer);
    resolve(fake.settings()).await.expect("lights");
    assert_eq!(fake.asked(), ["GET /clip/v2/resource/light"; 3]);
}

#[tokio::test]
async fn a_bridge_that_is_not_there_is_told() {
    let fake = fake().await;
    let address = Address::parse("127.0.0.1:1").expect("an address");
    let error = resolve(BridgeSettings { address, ..fake.settings() }).await.expect_err("nobody");
    assert!(error.is_passing() && error.to_string().contains("127.0.0.1:1 has not answered"), "{error}");
}

#[tokio::test]
async fn a_key_that_was_removed_is_told() {
    let fake = fake().await;
    fake.forget_keys();
    let error = resolve(fake.settings()).await.expect_err("no key");
    assert!(error.is_lasting() && matches!(error, HueError::Unauthorized), "{error:?}");
}

#[tokio::test]
async fn the_key_is_in_nothing_that_is_printed() {
    const KEY: &str = "planted-application-key";
    let fake = fake().await;
    fake.answer_next(Refusal::Status(400, "planted-application-key is not welcome"));
    let key = ApplicationKey::parse(KEY).expect("a key");
    let settings = BridgeSettings { key, pin: Fingerprint::of(b""), ..fake.settings() };
    let wrong_pin = resolve(settings.clone()).await.expect_err("another certificate");
    let settings = BridgeSettings { pin: fake.pin, ..settings };
    let error = resolve(settings.clone()).await.expect_err("refused");
    let clock: Arc<PlayedClock> = Arc::default();
    let bridge = Bridge::new(settings.clone(), clock, |longest| longest).expect("tls");
    let printed = format!("{settings:?} {bridge:?} {error} {error:?} {wrong_pin} {wrong_pin:?}");
    assert!(printed.contains("[REDACTED] is not welcome"), "{printed}");
    assert!(!printed.contains(KEY), "{printed}");
}
