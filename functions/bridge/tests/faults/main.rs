//! Everything that can go wrong on the way to Home Assistant, at every byte of the exchange: each directive is answered
//! with a valid event, and none that is not safe to repeat is delivered twice.
//!
//! The default run tries a part of the positions; `--features every-fault` tries all.

#[path = "../house/mod.rs"]
mod house;
mod proxy;
mod trial;

use proxy::{Direction, Fault, Kind, LONGEST};
use trial::{Directive, Rig, Trial};

/// Positions from one try to the next.
const STRIDE: usize = if cfg!(feature = "every-fault") { 1 } else { 61 };

async fn check(rig: &Rig, trial: Trial) {
    let outcome = rig.run(trial).await;
    assert_eq!(outcome.invalid, None, "{trial:?}");
    assert!(outcome.deliveries <= trial.directive.most_deliveries(), "{trial:?}: {outcome:?}");
}

async fn every(kind: Kind) {
    let rig = Rig::new().await;
    for direction in [Direction::ToHomeAssistant, Direction::ToBridge] {
        for at in (0..LONGEST).step_by(STRIDE) {
            for directive in [Directive::TurnOn, Directive::AdjustBrightness] {
                for kept in [false, true] {
                    check(&rig, Trial { directive, fault: Fault { kind, direction, at }, kept }).await;
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
    let rig = Rig::new().await;
    // Each takes the whole budget, so fewer positions.
    for (direction, at) in [Direction::ToHomeAssistant, Direction::ToBridge]
        .into_iter()
        .flat_map(|direction| (0..LONGEST).step_by(STRIDE * 9).map(move |at| (direction, at)))
    {
        for directive in [Directive::TurnOn, Directive::AdjustBrightness] {
            let fault = Fault { kind: Kind::Stall, direction, at };
            check(&rig, Trial { directive, fault, kept: false }).await;
        }
    }
}
