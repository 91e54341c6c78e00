//! What the core wants done, case by case.

mod door;

use alexa::gateway::{Class, Terminal};
use device::announce::{Answer, Failure};
use device::core::{LineHealth, UpdateHealth};
use device::event::{Effect, Event, Notice, Try};
use device::press::Level;
use device::quiet::{Days, Quiet, TimeOfDay};
use device::record::{ALEXA, Outcome, Record};
use device::update::News;
use door::{Door, doorbell, id, kept, lines, records, tries};

fn answer(door: &mut Door, attempt: &Try, answer: Answer) -> Vec<Effect> {
    door.on(Event::Answered(attempt.press.clone(), attempt.user.clone(), answer))
}

fn failed(class: Class) -> Answer {
    Err(Failure { class, told: format!("{class:?}") })
}

fn has(lines: &[String], begin: &str) -> bool {
    lines.iter().any(|line| line.starts_with(begin))
}

#[test]
fn every_user_is_told_at_once_in_a_message_of_his_own() {
    let mut door = Door::with(&["A", "B"]);
    let effects = door.press(1000);
    let tries = tries(&effects);
    assert_eq!(tries.len(), 2);
    assert_ne!(tries[0].event.message_id, tries[1].event.message_id);
    let kept = effects.iter().position(|effect| matches!(effect, Effect::Keep(_)));
    let sent = effects.iter().position(|effect| matches!(effect, Effect::Send(_)));
    assert!(kept < sent, "a press is kept before it is sent");
}

#[test]
fn one_user_who_cannot_be_told_holds_no_other_back() {
    let mut door = Door::with(&["A", "B"]);
    let effects = door.press(1000);
    let [first, second] = tries(&effects)[..] else { panic!("two tries") };
    answer(&mut door, first, failed(Class::Passing));
    let lines = lines(&answer(&mut door, second, Ok(())));
    assert!(has(&lines, "a press was announced"), "{lines:?}");
}

#[test]
fn what_is_refused_is_tried_three_times_more_at_the_times_that_amazon_allows() {
    let mut door = Door::with(&["A"]);
    let mut effects = door.press(1000);
    let mut at = 1100;
    for pause in [1000, 2000, 4000] {
        let attempt = tries(&effects)[0];
        answer(&mut door, attempt, failed(Class::Passing));
        assert!(tries(&door.wait_until(at + pause - 1)).is_empty(), "too early");
        at += pause;
        effects = door.wait_until(at);
        assert_eq!(tries(&effects).len(), 1);
    }
    let attempt = tries(&effects)[0];
    let lines = lines(&answer(&mut door, attempt, failed(Class::Passing)));
    assert!(has(&lines, "a press is not announced bell"), "{lines:?}");
    assert!(tries(&door.wait_until(60_000)).is_empty());
}

#[test]
fn what_cannot_be_sent_is_tried_until_it_is_half_a_minute_old_and_not_after_that() {
    let mut door = Door::with(&["A"]);
    let mut effects = door.press(1000);
    let mut count = 0;
    for second in 2..40 {
        for attempt in tries(&effects) {
            count += 1;
            assert!(attempt.deadline.as_nanos() <= 31_000_000_000);
            answer(&mut door, attempt, failed(Class::Unsent));
        }
        effects = door.wait_until(second * 1000 + 500);
        assert!(second <= 30 || tries(&effects).is_empty(), "a press is too old");
    }
    assert!(count > 20, "{count}");
}

#[test]
fn a_user_who_has_disabled_the_skill_is_told_no_more() {
    let mut door = Door::with(&["A"]);
    let effects = door.press(1000);
    let disabled = failed(Class::Terminal(Terminal::SkillDisabled));
    let effects = answer(&mut door, tries(&effects)[0], disabled);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::EndGrant(..))));
    let effects = door.press(10_000);
    assert!(tries(&effects).is_empty());
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::ReadGrants)),
        "he may have enabled it again"
    );
    let effects = door.read(&["A"]);
    assert_eq!(tries(&effects).len(), 1, "and he has");
}

#[test]
fn if_nobody_has_linked_the_skill_that_is_said_after_another_look() {
    let mut door = Door::with(&[]);
    let effects = door.press(1000);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReadGrants)));
    assert!(!has(&lines(&effects), "a press is not announced"));
    let lines = lines(&door.read(&[]));
    assert!(has(&lines, "a press is not announced: nobody has linked the skill"), "{lines:?}");
}

#[test]
fn a_clock_that_is_not_set_is_waited_for_and_the_press_keeps_its_time() {
    let mut door = Door::with(&["A"]);
    door.is_clock_set = false;
    let mut effects = door.press(1000);
    effects.extend(door.wait_until(21_000));
    assert!(tries(&effects).is_empty());
    door.is_clock_set = true;
    let effects = door.wait_until(21_300);
    let event = serde_json::to_value(&tries(&effects)[0].event).expect("json");
    assert_eq!(event["event"]["payload"]["timestamp"], "2026-12-01T00:00:01Z");
}

#[test]
fn what_an_earlier_process_has_kept_is_sent_under_the_same_id_and_locks_out_the_next() {
    let mut door = Door::with(&["A"]);
    let effects = door.press(1000);
    let first = tries(&effects)[0];
    let (mut next, _) = Door::new(kept(&effects).expect("it was kept"), 2000);
    next.on(Event::Watched(id("front-door"), Level::Released));
    let effects = next.read(&["A"]);
    assert_eq!(tries(&effects)[0].event.message_id, first.event.message_id);
    assert!(tries(&next.press(3500)).is_empty(), "the lockout holds");
    assert_eq!(tries(&next.press(5000)).len(), 1);
}

#[test]
fn a_stuck_button_is_told_of_once() {
    let mut door = Door::with(&["A"]);
    door.wait_until(1000);
    let at = device::clock::Monotonic::from_nanos(1_000_000_000);
    door.on(Event::Edge(id("front-door"), device::press::Edge { level: Level::Pressed, at }));
    let lines = lines(&door.wait_until(300_000));
    assert_eq!(lines.iter().filter(|line| line.starts_with("the button is stuck")).count(), 1, "{lines:?}");
}

#[test]
fn a_button_that_cannot_be_watched_is_tried_again_and_told_of_once() {
    let mut door = Door::with(&["A"]);
    let in_use = || Event::Unwatched(id("front-door"), "it is in use".into());
    let mut told = lines(&door.on(in_use()));
    let mut watched = 0;
    for second in 1..200 {
        let effects = door.wait_until(second * 1000);
        if effects.iter().any(|effect| matches!(effect, Effect::Watch(..))) {
            watched += 1;
            told.extend(lines(&door.on(in_use())));
        }
    }
    assert!((8..20).contains(&watched), "{watched}");
    assert_eq!(told.iter().filter(|line| line.contains("cannot be watched")).count(), 1, "{told:?}");
}

#[test]
fn new_settings_change_the_bells_and_leave_alone_what_is_on_its_way() {
    let mut door = Door::with(&["A"]);
    let effects = door.press(1000);
    let attempt = tries(&effects)[0];
    let changes = door.on(Event::Reloaded(Ok(doorbell(&["garden"]))));
    assert!(
        changes.iter().any(|effect| matches!(effect, Effect::Unwatch(bell) if bell.as_str() == "front-door"))
    );
    assert!(
        changes.iter().any(|effect| matches!(effect, Effect::Watch(bell, _) if bell.as_str() == "garden"))
    );
    let lines = lines(&answer(&mut door, attempt, Ok(())));
    assert!(has(&lines, "a press was announced"), "{lines:?}");
    let same = door.on(Event::Reloaded(Ok(doorbell(&["garden"]))));
    assert!(!same.iter().any(|effect| matches!(effect, Effect::Watch(..) | Effect::Unwatch(_))), "{same:?}");
}

#[test]
fn the_end_waits_for_what_is_on_its_way_but_not_for_long() {
    let mut door = Door::with(&["A"]);
    let effects = door.press(1000);
    let attempt = tries(&effects)[0];
    let stopping = door.on(Event::Shutdown);
    assert!(stopping.iter().any(|effect| matches!(effect, Effect::Notify(Notice::Stopping))));
    assert!(!door.has_ended());
    door.on(Event::Beaten(id("front-door"), Ok(())));
    answer(&mut door, attempt, Ok(()));
    assert!(door.has_ended());

    let mut door = Door::with(&["A"]);
    door.press(1000);
    door.on(Event::Shutdown);
    door.wait_until(2700);
    assert!(door.has_ended(), "1.5 s are enough");
}

#[test]
fn in_quiet_hours_alexa_is_not_told_and_the_history_is() {
    let mut door = Door::with(&["A"]);
    let days = Days::from_bits(0x7f).expect("days");
    let time = |text| TimeOfDay::parse(text).expect("a time");
    // The door's clock begins at midnight.
    let night = Quiet { days, from: time("00:00"), to: time("00:01"), bells: None, who: None };
    door.on(Event::Quiet(vec![night]));
    let effects = door.press(1000);
    assert!(tries(&effects).is_empty());
    let records: Vec<&Record> = records(&effects);
    let [Record::Visit { .. }, Record::Outcome { who, outcome, .. }] = records[..] else {
        panic!("a visit and what came of it: {records:?}")
    };
    assert_eq!((who.as_str(), *outcome), (ALEXA, Outcome::Quiet));
    assert_eq!(tries(&door.press(61_000)).len(), 1, "the night is over");
    door.on(Event::Quiet(Vec::new()));
    assert_eq!(tries(&door.press(65_000)).len(), 1);
}

#[test]
fn how_it_is_follows_from_what_happened_last() {
    let mut door = Door::with(&["A", "B"]);
    let health = door.health();
    assert_eq!((health.alexa.linked, &health.alexa.table, health.is_clock_set), (Some(2), &None, true));
    assert_eq!(health.bells[0].line, LineHealth::Watched);
    let line = |door: &mut Door, event| {
        door.on(event);
        door.health().bells[0].line.clone()
    };
    let unwatched = LineHealth::Unwatched("it is in use".to_owned());
    assert_eq!(line(&mut door, Event::Unwatched(id("front-door"), "it is in use".into())), unwatched);
    assert_eq!(line(&mut door, Event::Watched(id("front-door"), Level::Pressed)), LineHealth::Watched);
    door.wait_until(61_000);
    assert_eq!(door.health().bells[0].line, LineHealth::Stuck);
    door.on(Event::Read(Err("the table is gone".into())));
    assert_eq!(door.health().alexa.table.as_deref(), Some("the table is gone"));
    door.on(Event::Beaten(id("front-door"), Err("no network".into())));
    assert_eq!(door.health().bells[0].heartbeat.as_deref(), Some("no network"));

    let mut door = Door::with(&["A"]);
    let effects = door.press(1000);
    let attempt = tries(&effects)[0];
    answer(&mut door, attempt, failed(Class::Passing));
    assert_eq!(door.health().alexa.gateway.as_deref(), Some("Passing"));
    let effects = door.wait_until(3000);
    answer(&mut door, tries(&effects)[0], Ok(()));
    assert_eq!((door.health().alexa.gateway, door.health().alexa.accepted.is_some()), (None, true));
}

const HOUR: u64 = 60 * 60 * 1000;

/// Whether it is looked for a newer package among effects.
fn looks(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::LookForUpdate))
}

/// `1` is installed, and `published` is published.
fn news(published: &str) -> News {
    let version = |text: &str| format!("0.1.0+2026030{text}081530.1a").try_into().expect("a version");
    News { installed: version("1"), published: version(published) }
}

#[test]
fn it_is_looked_for_a_newer_package_after_the_start_and_daily() {
    let mut door = Door::with(&["A"]);
    assert!(!looks(&door.wait_until(14_000)), "a start has other things to do");
    assert!(looks(&door.wait_until(21_000)));
    assert!(!looks(&door.wait_until(30 * HOUR)), "it is being looked");
    let effects = door.on(Event::Looked(Ok(Some(news("1")))));
    assert!(lines(&effects).is_empty(), "{effects:?}");
    assert_eq!(door.health().update.available(), None);
    assert!(!looks(&door.wait_until(47 * HOUR)));
    assert!(looks(&door.wait_until(55 * HOUR)));
    let told = lines(&door.on(Event::Looked(Ok(Some(news("2"))))));
    assert!(
        has(&told, "there is a newer package") && told[0].contains("published=0.1.0+20260302"),
        "{told:?}"
    );
    assert_eq!(door.health().update.available(), Some(&news("2").published));
    door.wait_until(80 * HOUR);
    assert!(lines(&door.on(Event::Looked(Ok(Some(news("2")))))).is_empty(), "it was told already");
}

#[test]
fn that_no_newer_package_can_be_seen_is_told_once_and_changes_nothing_else() {
    let mut door = Door::with(&["A"]);
    door.wait_until(21_000);
    door.on(Event::Looked(Ok(Some(news("2")))));
    door.wait_until(30 * HOUR);
    let failed = || Event::Looked(Err("there is no network".to_owned()));
    let told = lines(&door.on(failed()));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(has(&told, "it cannot be seen whether there is a newer package why=\"there is no network\""));
    // It is looked again much sooner.
    assert!(looks(&door.wait_until(31 * HOUR + HOUR / 60)));
    assert!(lines(&door.on(failed())).is_empty());
    let update = door.health().update;
    assert_eq!(update.trouble.as_deref(), Some("there is no network"));
    assert_eq!(update.available(), Some(&news("2").published), "it is still published");
    door.on(Event::Looked(Ok(None)));
    assert_eq!(door.health().update, UpdateHealth::default(), "the key is gone");
}

#[test]
fn nothing_is_looked_for_while_the_clock_is_not_set() {
    let mut door = Door::with(&["A"]);
    door.is_clock_set = false;
    assert!(!looks(&door.wait_until(60_000)));
    door.is_clock_set = true;
    assert!(looks(&door.wait_until(60_300)));
}
