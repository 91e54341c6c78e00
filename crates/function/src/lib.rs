//! What every function of porch has around what it is for: settings from its environment, Lambda's runtime loop, a log
//! of JSON, and metrics made of that.

pub mod lambda;
pub mod log;
pub mod metrics;
pub mod settings;
