//! Amazon's side of the API, for tests and for machines where no real one can be reached.
//!
//! [`Smapi`] is all that it knows, as one value that turns requests into answers: it reads no clock and no socket, asks
//! nobody, and can be written down. [`FakeSmapi`] is the same behind a real server on 127.0.0.1, with Login with Amazon.
//!
//! It is a strict neighbour: members that the specification does not have are refused, a manifest is built for as long
//! as it is looked at so often, and a function that does not let the skill call it fails the build. Where Amazon's ways
//! are not known for sure, there is a [switch](Behaviour).

mod answer;
mod build;
mod developer;
mod of_skill;
mod policy;
mod refusal;
mod reply;
mod request;
mod schema;
mod server;
mod skill;
mod smapi;

pub use clock::PlayedClock;
pub use developer::{Developer, token};
pub use policy::functions;
pub use refusal::{Refusal, Violation};
pub use server::FakeSmapi;
pub use skill::{Credentials, Secret};
pub use smapi::{Behaviour, Enabling, Smapi, Surroundings};
