//! Skills of Alexa in a developer's account, by Amazon's Skill Management API.
//!
//! ```text
//! Skill ──> id, messaging credentials ──> function ──> permission to call it ──> SkillEndpoint
//! ```
//!
//! Two resources, because of a circle: the function's permission names the skill, and Amazon takes no endpoint whose
//! function does not let the skill call it. Account linking belongs to the second: it comes last, since the build of a
//! manifest may take it away, and so it is also given again when the first one's manifest has changed.

mod account;
mod endpoint;
mod error;
mod manifest;
mod skill;

pub use account::Hosts;
pub(crate) use account::{ACCOUNT, Account};
pub(crate) use endpoint::SkillEndpoint;
pub(crate) use error::AlexaError;
pub(crate) use skill::Skill;
