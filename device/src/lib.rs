//! porch-doorbell: watches buttons, and tells Alexa of every press.
//!
//! What is decided is decided in plain functions that are given the time; what has effects is at the edge.

pub mod button;
pub mod clock;
pub mod press;
