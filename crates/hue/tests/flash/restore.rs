//! Lights are as they were, whatever happens.

use std::time::Duration;

use hue::fake::Refusal;
use hue::{Clock, HueError};

use super::{House, lights, s, scene};

#[tokio::test]
async fn an_interrupted_flash_is_restored_at_once() {
    for (wanted, told) in [
        (scene("Visitor"), r#"light/Porch lamp {"on":{"on":false}}"#),
        (lights(&["Hallway lamp"]), r#"light/Hallway lamp {"signaling":{"signal":"no_signal"}}"#),
        (lights(&["Cellar bulb"]), r#"light/Cellar bulb {"on":{"on":false}}"#),
    ] {
        let house = House::new(wanted).await;
        let names = ["Hallway lamp", "Porch lamp", "Cellar bulb"];
        let before = house.look(&names);
        house.clock.let_go_until(s(5));
        let flash = house.flash_meanwhile();
        house.clock.until_waiting(1).await;
        flash.abort();
        house.clock.until_waiting(0).await;
        let report = house.flasher.restore(house.clock.now() + Duration::from_millis(1500)).await;
        assert_eq!((report.restored + report.same > 0, report.left.len()), (true, 0), "{report:?}");
        assert!(house.fake.told().iter().any(|line| line == told), "{:?}", house.fake.told());
        house.clock.let_go_until(s(100));
        house.clock.pause_until(house.clock.now() + s(30)).await;
        assert_eq!(house.look(&names), before, "{told}");
    }
}

#[tokio::test]
async fn without_a_flash_there_is_nothing_to_restore() {
    let house = House::new(scene("Visitor")).await;
    house.flash().await.expect("a flash");
    let asked = house.fake.asked().len();
    let report = house.flasher.restore(house.clock.now() + s(1)).await;
    assert_eq!((report, house.fake.asked().len()), (hue::FlashReport::default(), asked));
}

#[tokio::test]
async fn a_light_without_power_is_told_until_it_hears() {
    let house = House::new(scene("Visitor")).await;
    let before = house.fake.light("Hallway lamp");
    house.clock.let_go_until(s(5));
    let flash = house.flash_meanwhile();
    house.clock.until_waiting(1).await;
    house.fake.power("Hallway lamp", false);
    house.clock.let_go_until(s(20));
    house.clock.until_waiting(1).await;
    assert_eq!(house.fake.light("Hallway lamp")["brightness"], 100.0);
    house.fake.power("Hallway lamp", true);
    house.clock.let_go_until(s(100));
    let report = flash.await.expect("a task").expect("a flash");
    assert_eq!((report.restored, report.left.len()), (2, 0));
    assert_eq!(house.fake.light("Hallway lamp"), before);
}

#[tokio::test]
async fn what_could_not_be_restored_is_at_the_next_flash() {
    let house = House::new(scene("Visitor")).await;
    let before = house.fake.light("Hallway lamp");
    house.clock.let_go_until(s(5));
    let flash = house.flash_meanwhile();
    house.clock.until_waiting(1).await;
    house.fake.power("Hallway lamp", false);
    house.clock.let_go_until(s(1000));
    let report = flash.await.expect("a task").expect("a flash");
    assert_eq!((report.restored, report.left), (1, vec!["Hallway lamp".to_owned()]));
    assert!(house.clock.passed() < s(80), "{:?}", house.clock.passed());

    house.fake.power("Hallway lamp", true);
    let report = house.flash().await.expect("a flash");
    assert_eq!((report.restored, report.left.len()), (2, 0));
    assert_eq!(house.fake.light("Hallway lamp"), before);
}

#[tokio::test]
async fn a_bridge_that_is_busy_is_asked_again() {
    let house = House::new(scene("Visitor")).await;
    let before = house.look(&["Hallway lamp", "Porch lamp"]);
    house.clock.let_go_until(s(5));
    for refusal in [Refusal::BUSY, Refusal::UNAVAILABLE] {
        house.fake.answer_next(refusal);
    }
    let flash = house.flash_meanwhile();
    house.clock.until_waiting(1).await;
    for _ in 0..8 {
        house.fake.answer_next(Refusal::UNAVAILABLE);
    }
    house.clock.let_go_until(s(100));
    let report = flash.await.expect("a task").expect("a flash");
    assert_eq!((report.restored, report.left.len()), (2, 0));
    assert_eq!(house.look(&["Hallway lamp", "Porch lamp"]), before);
}

#[tokio::test]
async fn what_certainly_does_not_flash_is_told_at_once_and_not_remembered() {
    for (refusal, times, wanted) in [
        (Refusal::BUSY, 3, "the bridge is busy (429 Too Many Requests)"),
        (Refusal::Status(404, "Not Found"), 1, "the bridge refused it with 404 Not Found"),
        (Refusal::Status(400, "invalid"), 1, "; invalid"),
        (Refusal::Status(403, "forbidden"), 1, "pair it anew"),
    ] {
        let house = House::new(scene("Visitor")).await;
        house.flasher.prepare().await.expect("names");
        (0..times).for_each(|_| house.fake.answer_next_change(refusal));
        let error = house.flash().await.expect_err("no flash");
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(house.clock.passed() < s(3), "{:?}", house.clock.passed());
        let asked = house.fake.asked().len();
        house.flasher.restore(house.clock.now() + s(1)).await;
        assert_eq!(house.fake.asked().len(), asked, "{error}");
    }
}

#[tokio::test]
async fn what_may_flash_though_nobody_knows_is_restored() {
    let house = House::new(scene("Visitor")).await;
    let before = house.look(&["Hallway lamp", "Porch lamp"]);
    house.clock.let_go_until(s(5));
    for refusal in [Refusal::LostAnswer, Refusal::BUSY, Refusal::UNAVAILABLE] {
        house.fake.answer_next_change(refusal);
    }
    let flash = house.flash_meanwhile();
    house.clock.until_waiting(1).await;
    assert_eq!(house.fake.light("Porch lamp")["on"], true);
    house.clock.let_go_until(s(100));
    let error = flash.await.expect("a task").expect_err("nobody knows");
    assert!(matches!(error, HueError::NoAnswer { .. }), "{error:?}");
    assert_eq!(house.look(&["Hallway lamp", "Porch lamp"]), before);
}
