//! Two who ring at once, and somebody who uses the lights meanwhile.

use serde_json::json;

use super::{House, lights, s, scene};

#[tokio::test]
async fn a_second_flash_does_not_take_the_first_for_what_was_before() {
    for wanted in [scene("Visitor"), lights(&["Cellar bulb"]), lights(&["Hallway lamp"])] {
        let house = House::new(wanted.clone()).await;
        let names = ["Hallway lamp", "Porch lamp", "Cellar bulb"];
        let before = house.look(&names);
        house.clock.let_go_until(s(5));
        let first = house.flash_meanwhile();
        house.clock.until_waiting(1).await;
        let second = house.flash_meanwhile();
        house.clock.until_waiting(2).await;
        house.clock.let_go_until(s(100));
        let first = first.await.expect("a task").expect("a flash");
        let second = second.await.expect("a task").expect("a flash");
        assert_eq!((first.restored, first.same), (0, 0), "{wanted:?}");
        assert!(second.restored + second.same > 0, "{wanted:?}");
        assert_eq!(house.look(&names), before, "{wanted:?}");
    }
}

#[tokio::test]
async fn a_light_that_somebody_changed_meanwhile_is_left_alone() {
    let green = json!({"color": {"xy": {"x": 0.2, "y": 0.7}}, "dimming": {"brightness": 40.0}});
    for (wanted, change) in [
        (scene("Visitor"), green.clone()),
        (scene("Visitor"), json!({"on": {"on": false}})),
        (lights(&["Hallway lamp"]), green),
        (lights(&["Hallway lamp"]), json!({"on": {"on": false}})),
    ] {
        let house = House::new(wanted.clone()).await;
        house.clock.let_go_until(s(5));
        let flash = house.flash_meanwhile();
        house.clock.until_waiting(1).await;
        house.fake.change_light("Hallway lamp", &change);
        let changed = house.fake.light("Hallway lamp");
        house.clock.let_go_until(s(100));
        let report = flash.await.expect("a task").expect("a flash");
        assert_eq!(report.changed, ["Hallway lamp"], "{wanted:?}");
        assert_eq!(house.fake.light("Hallway lamp"), changed, "{wanted:?}");
    }
}

#[tokio::test]
async fn a_light_that_somebody_changed_between_two_flashes_is_then_as_he_left_it() {
    let house = House::new(scene("Visitor")).await;
    house.clock.let_go_until(s(5));
    let first = house.flash_meanwhile();
    house.clock.until_waiting(1).await;
    house.fake.change_light("Hallway lamp", &json!({"dimming": {"brightness": 40.0}}));
    let changed = house.fake.light("Hallway lamp");
    let second = house.flash_meanwhile();
    house.clock.until_waiting(2).await;
    house.clock.let_go_until(s(100));
    first.await.expect("a task").expect("a flash");
    second.await.expect("a task").expect("a flash");
    assert_eq!(house.fake.light("Hallway lamp"), changed);
}

#[tokio::test]
async fn a_light_that_is_removed_meanwhile_is_forgotten() {
    let house = House::new(scene("Visitor")).await;
    house.clock.let_go_until(s(5));
    let flash = house.flash_meanwhile();
    house.clock.until_waiting(1).await;
    house.fake.remove_light("Porch lamp");
    house.clock.let_go_until(s(100));
    let report = flash.await.expect("a task").expect("a flash");
    assert_eq!((report.restored, report.left.len()), (1, 0));
}
