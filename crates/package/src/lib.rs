//! What is published of `porch-doorbell`: packages, and one signed manifest that says which of them is the latest.
//!
//! ```text
//! DevicePackage ──> Manifest ── SigningKey ──> PREFIX/ARCHITECTURE/latest.json
//!                                                   └── PublicKey ──> Manifest ──> which package, and is it that?
//! ```
//!
//! Whoever publishes and whoever updates itself read and write with the same code. A bucket is trusted with nothing: a
//! manifest counts by its signature, and a package by its hash in the manifest.

mod architecture;
mod key;
mod manifest;
mod order;
mod place;
mod version;

pub use architecture::{Architecture, UnknownArchitecture};
pub use key::{NoKey, PublicKey, Refused, SigningKey, WrongKey};
pub use manifest::{Manifest, NotThePackage, Sha256};
pub use place::{Place, Prefix, WrongPrefix};
pub use version::{Version, WrongVersion};

/// The name of the package, and of the program in it.
pub const NAME: &str = "porch-doorbell";

/// Most bytes of a signed manifest: it has fewer than a thousand.
pub const MANIFEST_LIMIT: usize = 16 * 1024;

/// Most bytes of a package: it has about three million.
pub const PACKAGE_LIMIT: usize = 64 * 1024 * 1024;
