//! `pulumi-resource-porch`: the Pulumi provider for what porch builds, and for Alexa's skills.
//!
//! ```text
//! engine ── gRPC ──> service ──> resource                               check, create, update, read, delete
//!    <── Log ── engine              ├── function_image ──> function, tailscaled, image ──> registry
//!                                   ├── device_package ──> toolchain, program, deb ──> bucket
//!                                   ├── signing_key
//!                                   └── alexa: skill, endpoint ──> Amazon's Skill Management API
//! ```
//!
//! A preview compares hashes and builds nothing. An image is made from the function's binary, `tailscaled` and a
//! list of certificate authorities, and a Debian package from the daemon's binary and the files beside its crate; the
//! same sources give the same bytes on any checkout, each publication of a package its own version.

mod access;
mod alexa;
mod architecture;
mod archive;
mod cargo_build;
mod crates;
pub mod device_package;
mod diff;
mod engine;
mod function;
pub mod function_image;
mod hex;
mod image;
mod inputs;
mod lock_file;
pub mod log;
mod property;
mod registry;
mod resource;
mod schema;
mod server;
mod service;
mod settings;
mod signing_key;
mod source_hash;
pub mod tailscaled;
mod task;
mod tools;

pub use access::Access;
pub use alexa::Hosts;
pub use architecture::{Architecture, UnknownArchitecture};
pub use function::{Profile, target as function_target};
pub use schema::schema;
pub use server::serve;
pub use settings::{Settings, WrongSettings};
pub use task::{Message, Task};
pub use tools::{Environment, ToolError};
