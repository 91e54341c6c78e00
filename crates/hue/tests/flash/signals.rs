//! How things flash, when nothing comes between.

use hue::{FlashReport, HueError};

use super::{House, lights, rooms, s, scene};

#[tokio::test]
async fn a_light_that_signals_comes_back_by_itself() {
    let house = House::new(lights(&["hallway lamp", "Porch lamp"])).await;
    let before = house.look(&["Hallway lamp", "Porch lamp"]);
    let report = house.flash().await.expect("a flash");
    let flashed = vec!["Hallway lamp".into(), "Porch lamp".into()];
    assert_eq!(report, FlashReport { flashed, same: 2, ..FlashReport::default() });
    assert_eq!(
        house.fake.told(),
        [
            r#"light/Hallway lamp {"signaling":{"duration":10000,"signal":"on_off"}}"#,
            r#"light/Porch lamp {"signaling":{"duration":10000,"signal":"on_off"}}"#,
        ]
    );
    assert_eq!(house.look(&["Hallway lamp", "Porch lamp"]), before);
    assert!((s(11)..s(13)).contains(&house.clock.passed()), "{:?}", house.clock.passed());
}

#[tokio::test]
async fn a_light_that_can_only_breathe_is_switched_off_when_it_has() {
    let house = House::new(lights(&["Cellar bulb"])).await;
    let report = house.flash().await.expect("a flash");
    assert_eq!((report.restored, report.same), (1, 0));
    assert_eq!(
        house.fake.told(),
        [r#"light/Cellar bulb {"alert":{"action":"breathe"}}"#, r#"light/Cellar bulb {"on":{"on":false}}"#]
    );
    assert_eq!(house.fake.light("Cellar bulb")["on"], false);
    assert!(house.clock.passed() >= s(15), "{:?}", house.clock.passed());
}

#[tokio::test]
async fn rooms_and_zones_are_told_as_one_and_one_a_second() {
    let house = House::new(rooms(&["Entrance", "Downstairs", "Cellar"])).await;
    let report = house.flash().await.expect("a flash");
    assert_eq!(report.flashed, ["Entrance", "Downstairs", "Cellar"]);
    assert!(report.missed.is_empty(), "{report:?}");
    assert_eq!((report.same, report.restored), (3, 1));
    assert_eq!(
        house.fake.told(),
        [
            r#"grouped_light/Entrance {"signaling":{"duration":10000,"signal":"on_off"}}"#,
            r#"grouped_light/Downstairs {"signaling":{"duration":10000,"signal":"on_off"}}"#,
            r#"grouped_light/Cellar {"alert":{"action":"breathe"}}"#,
            r#"light/Cellar bulb {"on":{"on":false}}"#,
        ]
    );
}

#[tokio::test]
async fn a_scene_is_shown_and_each_of_its_lights_is_then_as_it_was() {
    let house = House::new(scene("Visitor")).await;
    let names = ["Hallway lamp", "Porch lamp", "Kitchen lamp"];
    let before = house.look(&names);
    house.clock.let_go_until(s(5));
    let flash = house.flash_meanwhile();
    house.clock.until_waiting(1).await;
    assert_eq!(house.fake.light("Porch lamp")["on"], true);
    assert_eq!(house.fake.light("Hallway lamp")["brightness"], 100.0);
    house.clock.let_go_until(s(60));
    let report = flash.await.expect("a task").expect("a flash");
    assert_eq!((report.restored, report.left.len()), (2, 0));
    // The porch lamp is off again, and will be its old self when it is switched on.
    assert_eq!(house.look(&names), before);
}

#[tokio::test]
async fn a_scene_that_moves_is_shown_without_movement() {
    let house = House::new(scene("Party")).await;
    house.flash().await.expect("a flash");
    assert_eq!(house.fake.told()[0], r#"scene/Party {"recall":{"action":"static"}}"#);
}

#[tokio::test]
async fn names_that_lead_nowhere_are_all_told_with_those_that_do() {
    let wanted = hue::Wanted {
        lights: vec!["Hal".into(), "Heater plug".into(), "Kitchen lamp".into()],
        rooms: vec!["Attic".into(), "Garden".into()],
        scene: Some("relax".into()),
    };
    let house = House::new(wanted).await;
    let error = house.flasher.prepare().await.expect_err("wrong names");
    assert!(error.is_lasting() && matches!(error, HueError::WrongNames(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "no light is called `Hal`, there are `Cellar bulb`, `Hallway lamp`, `Heater plug`, `Kitchen lamp`, `Porch \
         lamp`; the light `Heater plug` has no light that can flash; the room or zone `Attic` has no light that can \
         flash; no room or zone is called `Garden`, there are `Attic`, `Cellar`, `Downstairs`, `Entrance`; more than \
         one scene is called `relax`, say which: `Entrance/Relax`, `Downstairs/Relax`"
    );
    assert!(house.fake.told().is_empty());
}

#[tokio::test]
async fn a_scene_of_many_rooms_is_told_by_its_room() {
    let house = House::new(scene("downstairs/Relax")).await;
    let report = house.flash().await.expect("a flash");
    assert_eq!((report.flashed, report.restored), (vec!["Relax".to_owned()], 1));
    assert_eq!(house.fake.told().last().map(|told| told.starts_with("light/Kitchen lamp")), Some(true));
}
