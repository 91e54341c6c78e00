//! Settings: read once from the environment, checked as a whole.

mod aws;
mod report;
pub mod values;

pub use self::aws::read_aws;
pub use report::{Expected, Found, Reader, WrongSettings};

/// What a boolean is.
pub const BOOLEAN: Expected = Expected::shown("true, false, 1, 0, yes or no");
/// What the name of a parameter is.
pub const PARAMETER: Expected = Expected::shown("the name of an SSM parameter, like /porch/prod/bridge/key");
/// What an address is.
pub const URL: Expected = Expected::shown("an http(s) URL without user, query or fragment");
