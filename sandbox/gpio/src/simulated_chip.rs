//! A chip of the kernel's gpio-sim: it looks like any other to who uses its lines, and sysfs moves them.
//!
//! Source: the kernel's Documentation/admin-guide/gpio/gpio-sim.rst.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// The voltage of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voltage {
    High,
    Low,
}

/// One line, which stays as it is moved.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pull: PathBuf,
}

/// A little more than the kernel's tick.
const TICK: Duration = Duration::from_micros(1200);
const CONFIG: &str = "/sys/kernel/config/gpio-sim/trial";

/// Makes the chip. Its lines are called `GPIO0` to `GPIO27`, as on a Raspberry Pi.
pub(crate) fn make() -> io::Result<PathBuf> {
    let (device, bank) = (Path::new(CONFIG), Path::new(CONFIG).join("bank"));
    fs::create_dir(device)?;
    fs::create_dir(&bank)?;
    fs::write(bank.join("num_lines"), "28")?;
    for number in 0..28 {
        let line = bank.join(format!("line{number}"));
        fs::create_dir(&line)?;
        fs::write(line.join("name"), format!("GPIO{number}"))?;
    }
    fs::write(device.join("live"), "1")?;
    let name = |path: PathBuf| fs::read_to_string(path).map(|name| name.trim().to_owned());
    Ok(Path::new("/sys/devices/platform")
        .join(name(device.join("dev_name"))?)
        .join(name(bank.join("chip_name"))?))
}

impl Wire {
    /// The line `number` of the chip.
    pub(crate) fn new(chip: &Path, number: u8) -> Self {
        Self { pull: chip.join(format!("sim_gpio{number}/pull")) }
    }

    pub(crate) fn set(&self, voltage: Voltage) -> io::Result<()> {
        let pull = match voltage {
            Voltage::High => "pull-up",
            Voltage::Low => "pull-down",
        };
        fs::write(&self.pull, pull)
    }

    /// Moves it, and waits until that has become an edge: a simulated line interrupts at the kernel's next tick.
    pub(crate) fn slide_to(&self, voltage: Voltage) -> io::Result<()> {
        self.set(voltage)?;
        sleep(TICK);
        Ok(())
    }

    /// Moves it as a contact does: there and back several times within some milliseconds.
    pub(crate) fn bounce_to(&self, voltage: Voltage) -> io::Result<()> {
        for stay in [1, 3, 1, 5, 2] {
            self.set(voltage)?;
            sleep(TICK * stay);
            self.slide_to(voltage.other())?;
        }
        self.slide_to(voltage)
    }
}

impl Voltage {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::High => Self::Low,
            Self::Low => Self::High,
        }
    }
}
