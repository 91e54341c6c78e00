//! What the integrations do, each with the real thing.

mod camera;
mod command;
mod hue;
mod webhook;

use std::time::{Duration, SystemTime};

use alexa::EndpointId;
use device::announce::PressId;
use device::clock::Monotonic;
use device::integration::{Occasion, Picture, Visit};

/// Somebody at the front door, on 2026-12-01 at 08:15:30 UTC.
fn visit() -> Visit {
    let bell = EndpointId::parse("front-door").expect("an id");
    Visit {
        press: PressId { edge: Monotonic::from_nanos(7), bell },
        bell: "Front door".to_owned(),
        at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_796_112_930)),
        is_trial: false,
    }
}

fn press() -> Occasion {
    Occasion::Press(visit())
}

fn picture(bytes: usize) -> Occasion {
    Occasion::Picture(visit(), Picture { jpeg: vec![7; bytes].into(), offset_ms: 0 })
}
