//! As much of Tailscale's HTTP API as it takes to make an auth key: a client proves itself, gets an access token for
//! an hour, and makes a key with it.
//!
//! ```text
//! OAuth client (id, secret)      ── POST /api/v2/oauth/token ──────────┐
//!                                                                      ├─> access token ── POST /api/v2/tailnet/-/keys ──> key
//! workload identity (id, token)  ── POST /api/v2/oauth/token-exchange ─┘
//! ```
//!
//! Documented by Tailscale: the three calls and their fields (tailscale.com/api, "OAuth clients", "Workload identity
//! federation"); that a key lives for at most 90 days, and that a client's keys must have tags. Read in the source of
//! Tailscale's own client (tailscale/tailscale, `feature/identityfederation`): the fields of the exchange. Assumed,
//! for want of a word about it: that a 429 or 5xx answer means that nothing was done. Should that be wrong, a key is
//! left over that nobody knows, and ends by itself.

mod api;
mod credentials;
mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod key;

pub use api::{Api, Jitter};
pub use credentials::{ClientSecret, Credentials, IdentityToken, audience};
pub use error::{ApiError, Call};
pub use key::{KeyRequest, LONGEST_LIFE, MintedKey};
