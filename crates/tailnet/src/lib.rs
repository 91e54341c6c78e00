//! A way into a tailnet for a process that has no rights: a `tailscaled` of its own beside it, spoken to through
//! LocalAPI, and a connector that dials through it.
//!
//! ```text
//! Sidecar ── exec ──> tailscaled ── SOCKS5 <── Connector (names by LocalAPI, stalled first dials recovered)
//!    └── watch stream ── LocalApi ──┘
//! ```
//!
//! What is said here about `tailscaled` was seen with v1.102.5.

mod auth_key;
mod backend;
mod config;
mod connector;
#[cfg(feature = "fake")]
pub mod fake;
mod local_api;
mod netmap;
mod phases;
mod resolver;
mod sidecar;
mod stderr;

pub use auth_key::{AuthKey, AuthKeyEntry};
pub use backend::{Backend, Notify};
pub use connector::{Connector, DialError};
pub use local_api::{LocalApi, LocalApiError, Watch};
pub use netmap::{Netmap, Path, Peer};
pub use phases::Phases;
pub use resolver::ResolveError;
pub use sidecar::{NotRunning, Options, Sidecar, StartError};
