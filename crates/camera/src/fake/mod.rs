//! A camera for tests: an RTSP server within the test, which films numbers.

mod film;
mod number;
mod server;
mod talk;

pub use film::{Film, Frame};
pub use number::number_in;
pub use server::{FakeCamera, Manner};
