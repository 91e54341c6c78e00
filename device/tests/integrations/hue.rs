//! Lamps that flash.

use std::sync::Arc;
use std::time::Duration;

use device::integration::hue::{Hue, HueSettings};
use device::integration::{Done, Failure, Integration, IntegrationKind};
use device::pair;
use hue::fake::{FakeBridge, PlayedClock, Refusal};
use hue::{FlashSettings, SystemClock, Wanted};
use tokio::time::timeout;

use crate::press;

/// Lamps that flash for a second, and the bridge they are at.
async fn lamps(wanted: Wanted) -> (Arc<Hue>, FakeBridge) {
    let fake = FakeBridge::start(Arc::new(SystemClock)).await;
    let flash = FlashSettings::new(1).expect("a second");
    let settings = HueSettings { bridge: fake.settings(), wanted, flash };
    (Arc::new(Hue::new(settings).expect("lamps")), fake)
}

fn lights(names: &[&str]) -> Wanted {
    Wanted { lights: names.iter().map(ToString::to_string).collect(), ..Wanted::default() }
}

#[tokio::test]
async fn a_press_is_done_with_as_soon_as_they_flash() {
    let (lamps, fake) = lamps(lights(&["Hallway lamp", "Porch lamp"])).await;
    let told = timeout(Duration::from_millis(900), lamps.tell(press())).await.expect("before it is over");
    assert_eq!(told, Ok(Done::new("Hallway lamp, Porch lamp flashed")));
    assert_eq!(fake.told().len(), 2);
}

#[tokio::test]
async fn who_leaves_puts_them_back_at_once() {
    let (lamps, fake) = lamps(Wanted { scene: Some("Visitor".into()), ..Wanted::default() }).await;
    let before = [fake.light("Hallway lamp"), fake.light("Porch lamp")];
    lamps.clone().tell(press()).await.expect("a flash");
    assert_eq!(fake.light("Porch lamp")["on"], true);
    lamps.leave().await;
    assert_eq!([fake.light("Hallway lamp"), fake.light("Porch lamp")], before);
}

#[tokio::test]
async fn what_is_wrong_is_told_as_passing_or_lasting() {
    let (lamps, fake) = lamps(lights(&["Porch lamp"])).await;
    fake.answer_next_change(Refusal::Status(404, "Not Found"));
    let passing = lamps.clone().tell(press()).await;
    assert!(matches!(&passing, Err(Failure::Passing(told)) if told.contains("404")), "{passing:?}");
    fake.forget_keys();
    let lasting = lamps.clone().tell(press()).await;
    assert!(matches!(&lasting, Err(Failure::Lasting(told)) if told.contains("pair it anew")), "{lasting:?}");
}

#[tokio::test]
async fn a_check_asks_the_bridge_and_changes_nothing() {
    let fake = FakeBridge::start(Arc::new(SystemClock)).await;
    let settings = |wanted| HueSettings {
        bridge: fake.settings(),
        wanted,
        flash: FlashSettings::new(1).expect("a second"),
    };
    let wanted = Wanted { rooms: vec!["entrance".into()], ..lights(&["porch lamp"]) };
    let checked = IntegrationKind::Hue(settings(wanted)).check().await;
    assert_eq!(checked, Ok("Porch lamp, Entrance can flash".to_owned()));
    assert!(fake.told().is_empty());
    let error = IntegrationKind::Hue(settings(lights(&["Garden"]))).check().await.expect_err("no such light");
    assert!(error.starts_with("no light is called `Garden`, there are `Cellar bulb`"), "{error}");
}

#[tokio::test]
async fn pairing_says_what_belongs_into_the_settings_and_the_secrets() {
    let clock = PlayedClock::new();
    let fake = FakeBridge::start(Arc::new(clock.clone())).await;
    let (address, mut asked) = (fake.address().clone(), String::new());
    let told = pair::hue(&address, "front-door", &clock, |found| {
        asked = pair::invitation(&address, found);
        fake.press_button();
    });
    let told = told.await.expect("a key");
    let redacted = |text: &str| {
        text.replace(&address.to_string(), "192.168.1.20").replace(&fake.pin.to_string(), "9F:77:…")
    };
    insta::assert_snapshot!(redacted(&asked), @r#"
    At 192.168.1.20 is the bridge 001788fffe23bfc2, called "Hue Bridge". If that number, or its end, is printed on yours, press its button within a minute.
    Its certificate has the fingerprint 9F:77:….
    "#);
    insta::assert_snapshot!(redacted(&told), @r#"
    # In the settings; with rooms = ["…"] or scene = "room/scene" as well as lights, or instead:
    [[hue]]
    address = "192.168.1.20"
    certificate = "9F:77:…"
    lights = ["as the Hue app calls it"]

    # In the file of secrets, which nobody else may read:
    [hue]
    key = "made-up-key-1"
    "#);
}
