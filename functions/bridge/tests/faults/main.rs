//! Everything that can go wrong on the way to Home Assistant, at every byte of the exchange: each directive is answered
//! with a valid event, and none that is not safe to repeat is delivered twice.
//!
//! The default run tries a part of the positions; `--features every-fault` tries all.

#[path = "../house/mod.rs"]
mod house;
mod proxy;

use std::time::Duration;

use house::{House, answer, assert_valid, fixture, value};
use proxy::{Direction, Fault, Kind, Proxy};
use serde_json::Value;

/// Positions from one try to the next.
const STRIDE: usize = if cfg!(feature = "every-fault") { 1 } else { 61 };

/// A little more than both directions have, heads included.
const LONGEST: usize = 900;

/// As the fixture has it.
const MESSAGE_ID: &str = "1bd5d003-31b9-476f-ad03-71d471922820";

/// Time for an answer: a fault that stops the exchange is over after it.
const BUDGET: Duration = Duration::from_millis(50);

/// Far more than any answer takes: one that is not there by then never comes.
const NEVER: Duration = Duration::from_secs(20);

/// `TurnOn` is safe to repeat, `AdjustBrightness` is not.
fn directives() -> [(&'static str, String); 2] {
    let turn_on = fixture("turn-on");
    let adjust =
        turn_on.replace("PowerController", "BrightnessController").replace("TurnOn", "AdjustBrightness");
    [("TurnOn", turn_on), ("AdjustBrightness", adjust)]
}

/// One directive with one fault on its way, over a connection of its own or, if `kept`, over one that was good before.
async fn check(house: &House, proxy: &Proxy, directive: &(&str, String), fault: Fault, kept: bool) {
    // Known by its own id, because one that was given up may still arrive after the next was sent.
    let (name, id) = (directive.0, uuid::Uuid::new_v4().to_string());
    let event = &directive.1.replace(MESSAGE_ID, &id);
    let told = format!("{name}, kept {kept}, {fault:?}");
    if kept {
        proxy.behave();
        assert_eq!(house.ask(event).await.log.outcome, "home_assistant", "{told}");
    } else {
        proxy.drop_connections();
    }
    house.forget_requests();
    proxy.misbehave(fault);
    let answer = tokio::time::timeout(NEVER, house.ask_within(event, BUDGET)).await.expect(&told);
    if answer.log.outcome == "home_assistant" {
        let reply = value(&answer);
        assert!(
            reply["event"]["header"].is_object() && reply["event"]["payload"].is_object(),
            "{told}: {reply}"
        );
    } else {
        let directive: Value = serde_json::from_str(event).expect("a directive");
        assert_valid(&value(&answer), &directive);
    }
    let delivered = house.requests().iter().filter(|(_, body)| body.contains(&id)).count();
    assert!(delivered <= if name == "TurnOn" { 2 } else { 1 }, "{told}: delivered {delivered} times");
}

async fn every(kind: Kind) {
    let proxy = Proxy::start().await;
    let good = answer("200 OK", &fixture("turn-on-reply"));
    let house = House::behind(good, async |server| proxy.forward_to(server)).await;
    for direction in [Direction::ToHomeAssistant, Direction::ToBridge] {
        for at in (0..LONGEST).step_by(STRIDE) {
            for directive in &directives() {
                for kept in [false, true] {
                    check(&house, &proxy, directive, Fault { kind, direction, at }, kept).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_at_any_byte_is_survived() {
    every(Kind::Close).await;
}

#[tokio::test]
async fn a_connection_that_is_reset_at_any_byte_is_survived() {
    every(Kind::Reset).await;
}

#[tokio::test]
async fn a_byte_that_is_changed_anywhere_is_survived() {
    every(Kind::Corrupt).await;
}

#[tokio::test]
async fn a_delay_at_any_byte_is_survived() {
    every(Kind::Delay).await;
}

#[tokio::test]
async fn a_stall_at_any_byte_ends_at_the_deadline() {
    let proxy = Proxy::start().await;
    let good = answer("200 OK", &fixture("turn-on-reply"));
    let house = House::behind(good, async |server| proxy.forward_to(server)).await;
    // Each takes the whole budget, so fewer positions.
    for (direction, at) in [Direction::ToHomeAssistant, Direction::ToBridge]
        .into_iter()
        .flat_map(|direction| (0..LONGEST).step_by(STRIDE * 9).map(move |at| (direction, at)))
    {
        for directive in &directives() {
            check(&house, &proxy, directive, Fault { kind: Kind::Stall, direction, at }, false).await;
        }
    }
}
