//! The history: what is in it, how large it gets, and what ends it.

mod ends;
mod house;
mod power;

use device::history::MOST_QUIET;
use device::quiet::{Days, Quiet, TimeOfDay};
use device::record::{Outcome, Record};
use house::{House, at, outcome, picture, press, size, visit};

#[tokio::test]
async fn a_visit_is_told_with_all_that_came_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(folder.path());
    let state = house.history.state();
    for record in [visit(1), outcome(1, "alexa", "announced"), outcome(1, "hue", "flashed"), picture(1, 5000)]
    {
        house.history.record(record);
    }
    let [entry] = &house.history.visits(None, 10).await.expect("an answer")[..] else { panic!("one visit") };
    assert_eq!((entry.bell.as_str(), entry.at, entry.is_trial), ("1", Some(at(1)), false));
    let told: Vec<_> = entry.outcomes.iter().map(|told| (told.who.as_str(), told.told.as_str())).collect();
    assert_eq!(told, [("alexa", "announced"), ("hue", "flashed")]);
    assert_eq!(entry.outcomes[0].outcome, Outcome::Done);
    let jpeg = house.history.picture(entry.pictures[0].id).await.expect("an answer").expect("a picture");
    assert_eq!((jpeg.len(), jpeg[4999]), (5000, 1));
    assert_eq!(house.history.visit(entry.id).await.as_ref(), Ok(&Some(entry.clone())));
    assert_eq!(house.history.visit(entry.id + 1).await, Ok(None));
    let state = state.borrow();
    assert_eq!((state.visits, state.pictures, &state.trouble), (1, 1, &None));
}

#[tokio::test]
async fn what_is_told_twice_is_there_once_whichever_process_tells_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = None;
    for _ in 0..2 {
        let house = House::at(folder.path());
        for record in [visit(1), outcome(1, "alexa", "announced"), picture(1, 10), visit(1), picture(1, 10)] {
            house.history.record(record);
        }
        let entries = house.history.visits(None, 10).await.expect("an answer");
        assert_eq!(entries.len(), 1);
        assert_eq!(*first.get_or_insert_with(|| entries.clone()), entries);
        house.close();
    }
}

#[tokio::test]
async fn what_came_of_a_visit_is_kept_though_the_visit_itself_was_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(folder.path());
    house.history.record(outcome(1, "alexa", "announced"));
    let entries = house.history.visits(None, 10).await.expect("an answer");
    assert_eq!((entries[0].bell.as_str(), entries[0].at), ("front-door", None));
}

#[tokio::test]
async fn a_visit_before_the_clock_was_set_is_dated_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(folder.path());
    let undated = Record::Visit { press: press(1), bell: "1".to_owned(), at: None, is_trial: true };
    house.history.record(undated);
    for second in [5, 6] {
        house.history.record(Record::Dated { press: press(1), at: at(second) });
    }
    let entries = house.history.visits(None, 10).await.expect("an answer");
    assert_eq!((entries[0].at, entries[0].is_trial), (Some(at(5)), true));
}

#[tokio::test]
async fn visits_are_read_in_pages_from_the_latest() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(folder.path());
    (1..=5).for_each(|number| house.history.record(visit(number)));
    let first = house.history.visits(None, 2).await.expect("an answer");
    let second = house.history.visits(Some(first[1].id), 2).await.expect("an answer");
    let bells: Vec<_> = first.iter().chain(&second).map(|entry| entry.bell.as_str()).collect();
    assert_eq!(bells, ["5", "4", "3", "2"]);
}

/// Twenty visitors a day, whom a camera sees and of whom three are told.
#[tokio::test]
async fn a_month_of_presses_stays_within_both_bounds_at_every_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::with(folder.path(), 200, 16);
    let mut largest = 0;
    for number in 0..600 {
        let told = ["alexa", "hue", "mqtt"].map(|who| outcome(number, who, "done"));
        house.history.record(visit(number));
        told.into_iter().for_each(|record| house.history.record(record));
        house.history.record(picture(number, 100_000));
        house.settle().await;
        largest = largest.max(size(folder.path()));
    }
    assert!(largest <= 16 * 1024 * 1024, "{largest}");
    let entries = house.history.visits(None, 1000).await.expect("an answer");
    assert_eq!(entries.len(), 200);
    let shown = entries.iter().take_while(|entry| !entry.pictures.is_empty()).count();
    assert!((80..200).contains(&shown), "the latest have their pictures: {shown}");
    assert!(entries[shown..].iter().all(|entry| entry.pictures.is_empty()), "the oldest go first");
    assert!(house.lines().is_empty(), "{:?}", house.lines());
}

#[tokio::test]
async fn a_lower_bound_makes_the_file_smaller() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(folder.path());
    for number in 0..40 {
        house.history.record(visit(number));
        house.history.record(picture(number, 900_000));
        house.settle().await;
    }
    house.close();
    assert!(size(folder.path()) > 30_000_000);
    let house = House::with(folder.path(), 1000, 16);
    assert_eq!(house.bells().await.len(), 40);
    house.close();
    assert!(size(folder.path()) < 16 * 1024 * 1024);
}

#[tokio::test]
async fn a_flood_keeps_nobody_waiting_and_is_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(folder.path());
    (0..20_000).for_each(|number| house.history.record(visit(number)));
    house.history.record(picture(1, 2_000_000));
    house.settle().await;
    // What was lost is told of after what was written.
    house.settle().await;
    let kept = house.bells().await.len();
    let lines = house.lines();
    let lost = lines.iter().filter_map(|line| line.split_once("records=")?.1.parse::<usize>().ok());
    let lost: usize = lost.sum();
    assert_eq!(kept + lost, 20_001, "{:?}", house.lines());
    assert!(lost > 0);
}

#[tokio::test]
async fn quiet_hours_outlive_the_process_and_are_told_at_every_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let time = |text| TimeOfDay::parse(text).expect("a time");
    let night = Quiet {
        days: Days::of(Days::WEEK.map(|(_, day)| day)).expect("days"),
        from: time("22:00"),
        to: time("07:00"),
        bells: Some([press(1).bell].into()),
        who: Some(["alexa".to_owned(), "hue".to_owned()].into()),
    };
    let nap = Quiet { bells: None, who: None, from: time("13:00"), to: time("15:00"), ..night.clone() };
    let house = House::at(folder.path());
    assert_eq!(house.history.add_quiet(night.clone()).await, Ok(true));
    assert_eq!(house.history.add_quiet(nap.clone()).await, Ok(true));
    assert_eq!(house.quiet(), [night.clone(), nap.clone()]);
    house.close();
    let house = House::at(folder.path());
    let all = house.history.quiet().await.expect("an answer");
    assert_eq!(house.quiet(), [night, nap.clone()]);
    house.history.remove_quiet(all[0].0).await.expect("an answer");
    assert_eq!(house.quiet(), std::slice::from_ref(&nap));
    for number in 1..=MOST_QUIET {
        assert_eq!(house.history.add_quiet(nap.clone()).await, Ok(number < MOST_QUIET), "{number}");
    }
}
