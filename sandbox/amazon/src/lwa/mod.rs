//! Login with Amazon: `POST /auth/o2/token` and `GET /user/profile`.
//!
//! Source: developer.amazon.com, "Access token", "Authorization code grant", "Obtain customer profile", and answers
//! seen in public bug reports where the pages are silent. No refusal of a profile was seen: their codes are those of
//! RFC 6750, and their form is that of the other refusals.

mod error;
mod parameters;
mod profile;
mod token;

pub use error::{LwaError, Presented};
pub use profile::profile;
pub use token::token;
