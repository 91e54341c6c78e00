//! As much of Amazon's Skill Management API (SMAPI) as it takes to own a smart home skill: make it, give it its
//! functions, link it, take it away.
//!
//! ```text
//! Access ── refresh token ──> Login with Amazon ──> access token, for an hour
//!
//! create_skill ──> await_build ──> credentials          the skill, and what its events are sent with
//! (a function allows the skill to call it)
//! manifest ──> Document::with_endpoints ──> update_manifest ──> await_build
//! set_account_linking                                    last, because a build may take it away
//! ```
//!
//! Amazon checks a function's permission when an endpoint names it, and the permission names the skill. So a skill is
//! made without endpoints, and gets them in a second step.
//!
//! Documented by Amazon: calls, fields and statuses (alexa/alexa-apis-for-nodejs, `ask-smapi-model/spec.json`), scopes
//! and how long a build takes (alexa/ask-cli). Seen in use: the order of the steps, and that an account linking comes
//! back in an envelope and without its secret. Assumed, for want of a word about it: that 429 and 503 mean that nothing
//! was done.

mod access;
mod arn;
mod build;
mod call;
mod client;
mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod id;
mod linking;
mod manifest;
mod refusal;
mod skill;

pub use access::Access;
pub use arn::FunctionArn;
pub use build::{Building, Built};
pub use call::Call;
pub use client::{Client, Jitter};
pub use clock::{Clock, Pause, SystemClock};
pub use error::SmapiError;
pub use id::{ETag, SkillId, VendorId};
pub use linking::{AccountLinking, Linked, Scheme};
pub use manifest::{Document, Endpoints, Listing, Manifest, SEND_EVENTS};
pub use refusal::{Problem, Refusal};
pub use skill::{MessagingCredentials, SkillSummary, Vendor};
