//! `pulumi-resource-porch`: the Pulumi provider for what porch builds.
//!
//! ```text
//! engine ── gRPC ──> service ──> function_image ──> source_hash            check: what is it made of?
//!    <── Log ── engine                  ├──> function, tailscaled, image   make: build without Docker
//!                                       └──> registry                      push, look for, remove
//! ```
//!
//! A preview compares hashes and builds nothing. An image is made from the function's binary, `tailscaled` and a
//! list of certificate authorities; the same sources give the same digest on any checkout.

mod architecture;
mod crates;
mod engine;
mod function;
mod function_image;
mod hex;
mod image;
mod lock_file;
pub mod log;
mod property;
mod registry;
mod schema;
mod server;
mod service;
mod settings;
mod source_hash;
pub mod tailscaled;
mod task;
mod tools;

pub use architecture::{Architecture, UnknownArchitecture};
pub use registry::Access;
pub use schema::schema;
pub use server::serve;
pub use settings::{Settings, WrongSettings};
pub use task::{Message, Task};
pub use tools::{Environment, ToolError};
