//! Login with Amazon: a code or a refresh token in, tokens out; and who a token is of.

mod client;
mod error;
mod tokens;

pub use client::{ClientSecret, Lwa};
pub use error::{Class, LwaError};
pub use tokens::{RefreshToken, Tokens, UserId};
