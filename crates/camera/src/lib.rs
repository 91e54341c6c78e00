//! Pictures of the visitor: a camera's stream kept ready, and a JPEG of the moment of a press.
//!
//! ```text
//! camera ──RTSP──> Session ── ring of access units ──picture(at)──> Decoder ──> a child process: H.264 in, JPEG out
//!                     └── State
//! ```
//!
//! Making a connection and waiting for a keyframe takes seconds, which a visitor does not stay for. So the stream runs
//! all the time and nothing of it is decoded, but for the few frames that a picture needs.
//!
//! The camera is not trusted. Its stream is decoded by C++ in a process of its own, which may use little memory and time
//! and ends with its pictures: see [`decode`].

mod address;
pub mod decode;
mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod picture;
mod ring;
mod session;
mod unit;

pub use address::{Address, AddressError, Credentials};
pub use decode::{DecodeError, Decoder};
pub use error::{CameraError, Why};
pub use picture::{Picture, Pictures, Wanted};
pub use session::{Camera, Clock, Session, State};
