//! The bridge: a Lambda function that takes Alexa's smart home directives to a Home Assistant which only a tailnet
//! reaches, and brings its replies back.
//!
//! Every directive is answered with a valid Alexa event before its deadline, whatever happens on the way.
//!
//! The same program, told to [serve](settings::Serve) linking, lets Amazon link the skill: see [`linking`].
//!
//! ```text
//! Alexa ──> lambda ──> Bridge::answer ──> Directive (a view of the bytes)
//!                          │                     Tunnel ── secrets, tailscaled
//!                          │                        └── HomeAssistant ── POST /api/alexa/smart_home
//!                          └── Failure ──> Reply (ErrorResponse and its kind)
//! ```
//!
//! The same image also serves [`KeyRenewal`], which keeps the tailnet's auth key from ending.

mod answer;
mod clocks;
pub mod doctor;
mod ending;
mod errand;
mod failure;
mod home_assistant;
mod kept_tunnel;
mod key_age;
pub mod key_renewal;
mod lambda;
pub mod linking;
mod log;
mod metrics;
mod repeat;
mod reply;
mod secrets;
pub mod settings;
mod tls;
mod tunnel;
mod warm;

pub use answer::{Answer, Bridge};
pub use key_renewal::KeyRenewal;
pub use lambda::serve;
pub use linking::Linking;
pub use log::{DirectiveLog, start as start_log};
pub use reply::Reply;
pub use settings::{KeyRenewalSettings, Settings, WrongSettings};
pub use warm::{WarmLog, Warmed, Warmth};
