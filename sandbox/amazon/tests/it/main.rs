//! The fake as its clients and its driver see it.
#![expect(clippy::unwrap_used, reason = "a test's helper ends the test where it breaks")]

mod any_bytes;
mod control;
mod gateway;
mod lwa;
mod play;
mod script;
mod server;
mod skills;
