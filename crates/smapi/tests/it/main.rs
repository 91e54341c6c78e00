//! The client and the fake, over a real socket.
#![expect(clippy::unwrap_used, reason = "a test's helper ends the test where it breaks")]

mod errors;
mod faults;
mod fixtures;
mod linking;
mod manifest;
mod play;
mod schema;
mod session;
mod skill;
