//! The plugin as the engine meets it: over gRPC, with stand-ins for the slow tools and a registry with ECR's ways.
#![expect(clippy::unwrap_used, reason = "a test's helper ends the test where it breaks")]

mod engine;
mod failures;
mod images;
mod packages;
mod process;
mod registry;
mod rig;
mod signing_keys;
mod skill_endpoints;
mod skills;
mod tools;
mod wire;
