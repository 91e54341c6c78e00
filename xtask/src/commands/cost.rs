//! `cargo xtask cost`: what a month costs, for one home and for thousands.

use sandbox::{Result, cost};

use super::print;

pub(crate) fn run() -> Result<u8> {
    print(cost::table())?;
    Ok(0)
}
