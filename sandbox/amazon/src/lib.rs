//! The parts of Amazon that porch talks to, for a machine where no real one can be reached: Login with Amazon, the
//! Alexa event gateway of each region, and the Skill Management API, which the crate `smapi` has.
//!
//! It is a strict neighbour: whatever Amazon's documents and schema do not allow is refused as Amazon refuses it, and
//! each documented error can be had on demand. Where Amazon is known to be lenient and a client has no reason to need
//! it (parameters that nobody defined, say), the fake refuses.
//!
//! A request travels [`server`] -> [`Amazon::answer`] -> the module of its service ([`lwa`], [`gateway`], [`skills`]) ->
//! [`World`], which knows customers, skills and tokens. Nothing below the server reads a clock, a file or a socket: the time is
//! passed in, and what has to survive a restart is one value that [`storage`] writes down. The sandbox's driver moves
//! the world through [`control`], which has a port of its own.

pub mod amazon;
pub mod control;
pub mod gateway;
pub mod host;
pub mod lwa;
pub mod policies;
pub mod record;
pub mod reply;
pub mod script;
pub mod server;
pub mod settings;
pub mod skills;
pub mod storage;
pub mod world;

pub use amazon::Amazon;
pub use host::{Host, Region, Service};
pub use reply::Reply;
pub use world::World;
