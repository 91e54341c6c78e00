//! Alexa's side of porch: what is said, to whom, and what its answers mean.
//!
//! ```text
//! Directive ──> a function ──> AlexaEvent                      (a reply)
//! AlexaEvent ──> EventGateway ──> SendError, and its Class     (a press)
//! a code or refresh token ──> Lwa ──> Tokens ──> GrantStore    (the right to send events)
//! ```
//!
//! The shapes are those of Amazon's schema (alexa/alexa-smarthome, `validation_schemas`).

mod directive;
mod discovery;
mod endpoint;
mod error_type;
mod event;
#[cfg(feature = "fake")]
pub mod fake;
pub mod gateway;
pub mod grant;
pub mod heartbeat;
pub mod lwa;
mod region;
mod timestamp;
mod token;
mod wire;

pub use directive::{Directive, Invalid, Kind};
pub use discovery::{Capability, DiscoveredEndpoint, DisplayCategory};
pub use endpoint::{EndpointId, FriendlyName};
pub use error_type::ErrorType;
pub use event::{AlexaEvent, Body, Cause, Connectivity, EventEndpoint, Property};
pub use region::Region;
pub use timestamp::Timestamp;
pub use token::BearerToken;
