//! Pulumi as the sandbox uses it: a home of its own, a file backend, and stacks with their own configuration.

pub(crate) mod aws;
mod aws_plugin;
mod config;
mod lock;
mod place;
mod stack;

pub use aws_plugin::{AwsPluginInUse, set_up as set_up_aws_plugin};
pub use config::StackConfig;
pub use place::Place;
pub use stack::{Outputs, Stack};
