//! Errors as text.

use std::error::Error;
use std::fmt::Write;
use std::io;

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

/// What TLS says, among the causes of `error`.
pub fn rustls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    // The source of an io::Error is that of the error in it, which itself would be passed over.
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => rustls_error(inner),
        None => error.source().and_then(rustls_error),
    }
}
