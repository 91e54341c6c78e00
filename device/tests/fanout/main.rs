//! Whom the fan-out tells of a press, how often, and when it leaves somebody alone.

mod house;

use std::time::Duration;

use device::event::Effect;
use device::fanout::Errand;
use device::integration::{Done, Failure, IntegrationName, Occasion, Picture};
use device::record::{Outcome, Record};
use house::{House, endings, errands, terms};
use proptest::prelude::*;

fn passing() -> Result<Done, Failure> {
    Err(Failure::Passing("it is busy".to_owned()))
}

#[test]
fn a_press_goes_to_all_at_once_and_each_has_its_line() {
    let mut house = House::with(&[("a", terms()), ("b", terms())]);
    let effects = house.press("front-door");
    let told = errands(&effects);
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|errand| errand.time == Duration::from_secs(10)));
    let effects = house.told(&told[0], Ok(Done::new("rung")));
    assert_eq!(endings(&effects), [("a".to_owned(), Outcome::Done, "rung".to_owned())]);
    assert!(house.is_busy(), "b is not through");
    let effects = house.told(&told[1], Err(Failure::Lasting("it is broken".to_owned())));
    assert_eq!(endings(&effects), [("b".to_owned(), Outcome::Failed, "it is broken".to_owned())]);
    assert!(!house.is_busy());
}

#[test]
fn only_the_bells_that_are_wanted_are_told_of() {
    let only = [house::id("garden")].into();
    let mut house = House::with(&[("a", device::integration::Terms { bells: Some(only), ..terms() })]);
    assert!(errands(&house.press("front-door")).is_empty());
    assert_eq!(errands(&house.press("garden")).len(), 1);
}

#[test]
fn whom_quiet_hours_spare_is_told_of_neither_press_nor_picture() {
    let wants = device::integration::Terms { wants_pictures: true, ..terms() };
    let mut house = House::with(&[("camera", terms()), ("phone", wants.clone()), ("screen", wants)]);
    house.keep_quiet(&["phone"]);
    let effects = house.press("front-door");
    assert_eq!(endings(&effects), [("phone".to_owned(), Outcome::Quiet, "quiet hours".to_owned())]);
    let told = errands(&effects);
    assert_eq!(
        told.iter().map(|errand| errand.integration.as_str()).collect::<Vec<_>>(),
        ["camera", "screen"]
    );
    let pictures = vec![Picture { jpeg: [0xff].into(), offset_ms: 0 }];
    let effects = house.told(&told[0], Ok(Done { told: "taken".to_owned(), pictures }));
    let shown = errands(&effects);
    assert_eq!(shown.iter().map(|errand| errand.integration.as_str()).collect::<Vec<_>>(), ["screen"]);
}

#[test]
fn what_may_work_in_a_moment_is_tried_again_and_nothing_else_is() {
    let mut house = House::with(&[("a", terms())]);
    let mut effects = house.press("front-door");
    let mut pauses = Vec::new();
    for _ in 0..2 {
        let before = house.now();
        let errand = errands(&effects).remove(0);
        assert!(endings(&house.told(&errand, passing())).is_empty());
        effects = house.wait_for_an_errand();
        pauses.push(house.now().since(before).as_millis());
    }
    assert!((750..=1000).contains(&pauses[0]) && (1500..=2000).contains(&pauses[1]), "{pauses:?}");
    let errand = errands(&effects).remove(0);
    let told = "it is busy".to_owned();
    assert_eq!(endings(&house.told(&errand, passing())), [("a".to_owned(), Outcome::Failed, told)]);
    assert!(errands(&house.wait(120)).is_empty());
}

#[test]
fn one_that_never_answers_ends_by_itself_and_holds_back_no_other() {
    let mut house = House::with(&[("a", terms()), ("b", terms())]);
    let first = errands(&house.press("front-door"));
    house.told(&first[1], Ok(Done::new("rung")));
    let effects = house.wait(13);
    let told = "it did not end in its time".to_owned();
    assert_eq!(endings(&effects), [("a".to_owned(), Outcome::Failed, told)]);
    let late = house.told(&first[0], Ok(Done::new("rung")));
    assert!(late.is_empty(), "the answer to what has ended changes nothing: {late:?}");
    assert_eq!(errands(&house.press("front-door")).len(), 2);
}

#[test]
fn one_that_keeps_failing_is_left_alone_for_a_while_and_then_tried_once() {
    let mut house = House::with(&[("a", terms()), ("b", terms())]);
    let broken = || Err(Failure::Lasting("it is broken".to_owned()));
    for _ in 0..5 {
        let both = errands(&house.press("front-door"));
        house.told(&both[0], broken());
        house.told(&both[1], Ok(Done::default()));
    }
    let effects = house.press("front-door");
    assert_eq!(errands(&effects).len(), 1, "b is told as before");
    let told = "it has failed 5 times in a row, and is left alone for 60 s more: it is broken".to_owned();
    assert_eq!(endings(&effects), [("a".to_owned(), Outcome::Skipped, told)]);
    assert!(house.condition("a").is_left_alone);
    house.wait(61);
    let again = errands(&house.press("front-door"));
    assert_eq!(again.len(), 2);
    house.told(&again[0], broken());
    let effects = house.press("front-door");
    assert!(endings(&effects)[0].2.contains("left alone for 120 s more"), "{effects:?}");
    house.wait(121);
    let again = errands(&house.press("front-door"));
    house.told(&again[0], Ok(Done::default()));
    assert_eq!(house.condition("a").trouble, None);
    assert_eq!(errands(&house.press("front-door")).len(), 2);
}

#[test]
fn more_than_it_can_do_at_once_is_left_out_and_says_so() {
    let mut house = House::with(&[("a", terms())]);
    for _ in 0..4 {
        assert_eq!(errands(&house.press("front-door")).len(), 1);
    }
    let told = "it is still busy with 4 others".to_owned();
    assert_eq!(endings(&house.press("front-door")), [("a".to_owned(), Outcome::Skipped, told)]);
}

#[test]
fn pictures_are_kept_and_shown_to_those_that_want_them() {
    let wants = device::integration::Terms { wants_pictures: true, ..terms() };
    let mut house = House::with(&[("camera", terms()), ("mqtt", wants), ("sound", terms())]);
    let camera = errands(&house.press("front-door")).remove(0);
    let picture = |offset_ms| Picture { jpeg: [1, 2, 3].into(), offset_ms };
    let pictures = vec![picture(0), picture(500)];
    let effects = house.told(&camera, Ok(Done { told: "2 pictures".to_owned(), pictures }));
    let kept = effects.iter().filter(|effect| matches!(effect, Effect::Record(Record::Picture { .. })));
    assert_eq!(kept.count(), 2);
    let [Errand { integration, occasion: Occasion::Picture(_, shown), .. }] = &errands(&effects)[..] else {
        panic!("one is shown it: {effects:?}");
    };
    assert_eq!((integration.as_str(), shown.offset_ms), ("mqtt", 0));
}

#[test]
fn new_settings_begin_anew_what_has_changed_and_nothing_else() {
    let mut house = House::with(&[("a", terms()), ("b", terms())]);
    let both = errands(&house.press("front-door"));
    let changed = device::integration::Terms { tries: 1, ..terms() };
    let effects = house.equip(&[("a", terms()), ("b", changed), ("c", terms())]);
    let begun = |effect: &Effect| if let Effect::Equip(name, _) = effect { Some(name.clone()) } else { None };
    let gone = |effect: &Effect| if let Effect::Unequip(name) = effect { Some(name.clone()) } else { None };
    let names = |names: Vec<IntegrationName>| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(effects.iter().filter_map(begun).collect()), ["b", "c"]);
    assert_eq!(names(effects.iter().filter_map(gone).collect()), ["b"]);
    assert_eq!(endings(&house.told(&both[0], Ok(Done::default()))).len(), 1, "a goes on");
    assert_eq!(endings(&house.told(&both[1], Ok(Done::default()))).len(), 0, "what b was told is gone");
}

proptest! {
    /// Whatever comes of the tries, and whenever.
    #[test]
    fn every_integration_ends_with_every_press_once(
        answers in prop::collection::vec((0_u8..4, 0_u64..15_000), 1..60),
        presses in prop::collection::vec(0_u64..20_000, 1..20),
        seed: u64,
    ) {
        let mut house = House::seeded(&[("a", terms()), ("b", terms())], seed);
        let mut answers = answers.into_iter().cycle();
        let mut ended = Vec::new();
        let mut tries = 0;
        let mut open: Vec<(u64, Errand, u8)> = Vec::new();
        let count = presses.len();
        for pause in presses.into_iter().map(Some).chain([None]) {
            // What was begun is answered, late or never, while time goes on.
            let until = house.milliseconds() + pause.unwrap_or(200_000);
            let mut effects = pause.map(|_| house.press("front-door")).unwrap_or_default();
            loop {
                tries += errands(&effects).len();
                ended.extend(endings(&effects));
                for errand in errands(&effects) {
                    let (kind, after) = answers.next().expect("there are some");
                    if kind < 3 {
                        open.push((house.milliseconds() + after, errand, kind));
                    }
                }
                open.sort_by_key(|(at, ..)| *at);
                let answer = open.first().map(|(at, ..)| *at).filter(|at| *at <= until);
                let next = house.deadline_ms().filter(|at| *at <= until);
                match (answer, next) {
                    (Some(at), next) if next.is_none_or(|next| at <= next) => {
                        effects = house.wait_until(at);
                        let (_, errand, kind) = open.remove(0);
                        effects.extend(house.told(&errand, match kind {
                            0 => Ok(Done::default()),
                            1 => passing(),
                            _ => Err(Failure::Lasting("it is broken".to_owned())),
                        }));
                    }
                    (_, Some(next)) => effects = house.wait_until(next),
                    (_, None) => break,
                }
            }
            house.wait_until(until);
        }
        prop_assert_eq!(ended.len(), 2 * count, "each press ends once for each");
        prop_assert!(tries <= 2 * count * 3);
        prop_assert!(!house.is_busy());
    }
}
