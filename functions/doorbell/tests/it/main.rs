//! The function, against services that are strict.

mod answers;
mod any_bytes;
mod rig;
mod settings;
