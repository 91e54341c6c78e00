//! The event gateway: where events go that Alexa has not asked for.

mod client;
mod error;
mod retries;

pub use client::EventGateway;
pub use error::{Class, SendError, Terminal};
pub use retries::{Attempts, Decision};
