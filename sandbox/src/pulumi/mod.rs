//! Pulumi as the sandbox uses it: a home of its own, a file backend, and stacks with their own configuration.

mod aws_plugin;
mod config;
mod lock;
mod stack;

pub use aws_plugin::{AwsPluginInUse, set_up as set_up_aws_plugin};
pub use config::StackConfig;
pub use stack::{Outputs, Stack};
