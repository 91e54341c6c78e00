//! As much of AWS as porch calls itself: parameters, AWS's word about who is asking, one table, one bucket, functions
//! and their logs, and whether a repository, a role or the like is there.
//!
//! Not with AWS's SDK: a handful of operations are all that is called, and the SDK would be most of the function and of
//! the daemon's memory. Its signatures are used, from `aws-sigv4`.
//!
//! ```text
//! ssm, sts, dynamodb, s3, lambda, logs, ecr, iam, … ──> Client ── signature version 4 ──> Internet
//!                                                          └── CallError, and its Class: what is to be done about it
//! ```

mod access;
mod call;
mod client;
pub mod dynamodb;
pub mod ecr;
mod error;
#[cfg(feature = "fake")]
pub mod fake;
pub mod iam;
pub mod lambda;
pub mod logs;
pub mod s3;
pub mod scheduler;
pub mod ssm;
pub mod sts;
mod xml;

pub use access::{Access, Credentials, Region, Service};
pub use client::{Client, Clock};
pub use error::{CallError, Class};
