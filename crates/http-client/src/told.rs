//! Errors as text.

use std::error::Error;
use std::fmt::Write;

/// An error with all its causes, in one line.
#[must_use]
pub fn told(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // The client's own layer says no more than its cause, and other libraries repeat their cause.
        let text = error.to_string();
        if !error.is::<hyper_util::client::legacy::Error>() && !told.ends_with(&text) {
            let _ = write!(told, ": {text}");
        }
        cause = error.source();
    }
    told
}
