//! One case a line: the edges in milliseconds, and what is made of them.

use device::press::{Edge, Happening, Level, PressWatch};

use crate::line::{TIMINGS, at, idle, play};

/// `+1000 -1003` is pressed at 1000 ms, released at 1003 ms.
fn edges(text: &str) -> Vec<Edge> {
    let edge = |word: &str| {
        let level = if word.starts_with('+') { Level::Pressed } else { Level::Released };
        Edge { level, at: at(word[1..].parse().expect("milliseconds")) }
    };
    text.split_whitespace().map(edge).collect()
}

fn told(said: &[Happening]) -> String {
    let tell = |happening: &Happening| match happening {
        Happening::Pressed { edge, stable } => {
            format!("press {} sure {}", edge.as_nanos() / 1_000_000, stable.as_nanos() / 1_000_000)
        }
        Happening::LockedOut => "locked out".into(),
        Happening::Stuck => "stuck".into(),
        Happening::Freed => "freed".into(),
    };
    said.iter().map(tell).collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn check(line: &str, expected: &str) {
    assert_eq!(told(&play(idle(), &edges(line), at(1_000_000))), expected, "{line}");
}

#[test]
fn a_level_that_stays_is_a_press_and_one_that_does_not_is_none() {
    check("+1000 -1200", "press 1000 sure 1025");
    check("+1000 -1024", "");
    check("+1000 -1025", "press 1000 sure 1025");
    check("", "");
}

#[test]
fn a_press_is_dated_by_the_edge_after_which_it_stayed() {
    check("+1000 -1001 +1002 -1003 +1005 -1200 +1201 -1203", "press 1005 sure 1030");
    // Noise for a minute before it makes it no older.
    check("+1000 -1010 +1020 -1030 +1040 -1050 +1060 -1300", "press 1060 sure 1085");
}

#[test]
fn bounce_at_the_release_is_no_press() {
    check("+1000 -5000 +5001 -5003 +5004 -5010", "press 1000 sure 1025");
}

#[test]
fn the_lockout_counts_from_the_press_before_it() {
    check("+1000 -1100 +3999 -4100", "press 1000 sure 1025, locked out");
    check("+1000 -1100 +4000 -4100", "press 1000 sure 1025, press 4000 sure 4025");
    // What is locked out does not lengthen it.
    check("+1000 -1100 +3000 -3100 +4000 -4100", "press 1000 sure 1025, locked out, press 4000 sure 4025");
    // Who holds the button beyond it has not pressed again.
    check("+1000 -1100 +3900 -9000", "press 1000 sure 1025, locked out");
}

#[test]
fn a_button_that_is_held_too_long_is_stuck_once_and_then_freed() {
    check("+1000 -60999", "press 1000 sure 1025");
    check("+1000", "press 1000 sure 1025, stuck");
    check("+1000 -70000 +80000 -80100", "press 1000 sure 1025, stuck, freed, press 80000 sure 80025");
    // A break that is too short to count does not free it.
    check("+1000 -70000 +70010", "press 1000 sure 1025, stuck");
}

#[test]
fn a_button_that_is_held_at_the_start_makes_no_press_until_it_is_pressed_anew() {
    let held = || PressWatch::new(TIMINGS, Level::Pressed, None, at(0));
    assert_eq!(told(&play(held(), &[], at(1_000_000))), "stuck");
    assert_eq!(told(&play(held(), &edges("-500 +900 -1000"), at(2000))), "press 900 sure 925");
}

#[test]
fn the_lockout_holds_across_a_restart() {
    let after = PressWatch::new(TIMINGS, Level::Released, Some(at(1000)), at(2000));
    assert_eq!(
        told(&play(after, &edges("+3000 -3100 +5000 -5100"), at(9000))),
        "locked out, press 5000 sure 5025"
    );
}

#[test]
fn edges_that_waited_to_be_handled_mean_what_they_meant_then() {
    let mut watch = idle();
    let late = edges("+1000 -1200 +1201 -1202 +6000 -6010");
    let said: Vec<Happening> = late.into_iter().filter_map(|edge| watch.on_edge(edge)).collect();
    assert_eq!(told(&said), "press 1000 sure 1025");
}
