//! The only program of an emulated machine: it tries the daemon's button backends on lines whose voltage it, or the
//! machine's owner, can choose.
//!
//! The kernel starts it as process 1. It prints one line for each trial, `trial NAME: ok` or `trial NAME: ` and what
//! was wrong, then `trials ended`, and switches the machine off.

#[cfg(feature = "character-device")]
mod character_device;
mod machine;
#[cfg(feature = "registers")]
mod registers;
#[cfg(feature = "character-device")]
mod simulated_chip;
mod trial;

use tokio::runtime::Builder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    machine::set_up()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    #[cfg(feature = "character-device")]
    runtime.block_on(character_device::try_all());
    #[cfg(feature = "registers")]
    runtime.block_on(registers::try_all());
    trial::ended();
    machine::switch_off()
}
