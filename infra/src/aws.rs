//! The AWS resources that porch declares, one file per service: official package `aws`, only the properties
//! used.

pub mod cloudwatch;
pub mod dynamodb;
pub mod ecr;
pub mod iam;
pub mod iam_account;
pub mod iam_user;
pub mod lambda;
pub mod logs;
pub mod s3;
pub mod scheduler;
pub mod sns;
pub mod ssm;

/// The release of the `aws` package that the structs were written and checked against.
const VERSION: Option<&str> = Some("7.51.1");
