//! A Philips Hue Bridge: lamps that flash when somebody rings, and that are afterwards as they were.
//!
//! ```text
//! look ──> Found: bridge id, certificate ── link button ──> ApplicationKey      once, by a person
//!
//! Bridge ── resolve(Wanted) ──> Targets                                         names to ids
//! Flasher ── read, remember ── signal ── wait ── read, compare, restore         at each press
//! ```
//!
//! The API is CLIP v2, whose reference is behind a login (developers.meethue.com, "Hue API v2"). Taken from what is
//! public: paths, shapes, ranges and statuses from openhue/openhue-api; the header, answers of real bridges and their
//! limits from home-assistant-libs/aiohue; pairing from both, since there is no v2 way to pair.
//!
//! **Certificates.** A bridge has no name that a public authority could vouch for. Its certificate is self-signed, or
//! Signify's, and its common name is the bridge's id, which anybody could write. So the certificate itself is pinned,
//! when a person stands before the bridge to press its button. The certificate and not its key alone: a fingerprint is
//! what openssl and every browser show, so that a person can compare it; they are valid until 2038; and nothing says
//! that the key stays when Signify replaces a self-signed certificate. Then the bridge has to be paired anew, and the
//! error says so.

mod address;
mod bridge;
mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod flash;
mod key;
mod pace;
mod pairing;
mod state;
mod targets;
mod transport;
pub mod wire;

pub use address::Address;
pub use bridge::{Bridge, BridgeSettings, Jitter};
pub use clock::{Clock, Pause, SystemClock};
pub use error::HueError;
pub use flash::{Flash, FlashReport, FlashSettings, Flasher};
pub use key::ApplicationKey;
pub use pairing::{BridgeId, DeviceType, Found, PairError, Paired, look};
pub use targets::{Targets, Wanted, WrongName};
