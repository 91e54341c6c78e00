//! HTTP as every way out uses it: no redirects, bodies of limited size, certificates that the system trusts
//! or that are pinned.

mod authorities;
mod exchange;
mod internet;
mod pinned;
mod told;

pub use authorities::system_authorities;
pub use exchange::{Client, ExchangeError, client, exchange, https};
pub use internet::{Internet, Kept, NoAnswer};
pub use pinned::{LeafOnly, NotPinned, Pinned};
pub use told::{rustls_error, told};
