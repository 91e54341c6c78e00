//! What only the real parts can show: Pulumi's engine and YAML host, both provider plugins, the emulator's registry,
//! the deployed image under AWS's runtime emulator, the tailnet, Home Assistant.
//!
//! `cargo xtask test` runs them, one at a time, because they share the parts. Each asks [`rig`] for what it needs,
//! so they can run in any order and alone.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as a test does")]

mod adopt;
mod amazon;
mod directives;
mod doctor;
mod door;
mod doorbell;
mod freezes;
mod function_url;
mod https;
mod keys;
mod life_of_a_stack;
mod linking;
mod logs;
mod mqtt;
mod name_server;
mod names;
mod own_skills;
mod package;
mod pi;
mod previews;
mod refusals;
mod regions;
mod rig;
mod root;
mod secrets;
mod set_up;
mod skills;
mod sources;
