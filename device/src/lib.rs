//! porch-doorbell: watches buttons, and tells Alexa of every press.
//!
//! What is decided is decided in plain functions that are given the time; what has effects is at the edge.

pub mod announce;
pub mod arguments;
pub mod backoff;
pub mod button;
mod buttons;
pub mod check;
pub mod clock;
mod cloud;
pub mod core;
mod crew;
pub mod environment;
pub mod event;
pub mod fanout;
mod hands;
mod hex;
pub mod history;
pub mod integration;
mod keep;
pub mod log;
pub mod metrics;
mod notify;
pub mod pair;
pub mod password;
pub mod press;
pub mod quiet;
pub mod record;
pub mod report;
mod run;
pub mod settings;
pub mod update;
pub mod web;

pub use run::{RunError, run};
