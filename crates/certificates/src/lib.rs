//! Certificates as people write them into settings: PEM and fingerprints, read strictly.
//!
//! Whoever deploys the function checks them with the same code as the function itself.

mod fingerprint;
mod pem;

pub use fingerprint::Fingerprint;
pub use pem::{CERTIFICATES_LIMIT, Expected, Section, certificates, sections};
