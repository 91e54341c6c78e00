//! What process 1 of a machine does: mount what the kernel offers, and switch off in the end.

use std::fs;

use rustix::io::Errno;
use rustix::mount::{MountFlags, mount};
use rustix::system::{RebootCommand, reboot};

/// File systems and where they belong.
const FILE_SYSTEMS: [(&str, &str); 3] = [("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev")];

/// Mounts them.
pub(crate) fn set_up() -> Result<(), Box<dyn std::error::Error>> {
    for (kind, place) in FILE_SYSTEMS {
        fs::create_dir_all(place)?;
        mount(kind, place, kind, MountFlags::empty(), None)?;
    }
    // Debian's kernel for the Pi has it as a module; only gpio-sim needs it.
    match mount("configfs", "/sys/kernel/config", "configfs", MountFlags::empty(), None) {
        Err(Errno::NODEV | Errno::NOENT) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Switches off. It does not come back.
pub(crate) fn switch_off() -> Result<(), Box<dyn std::error::Error>> {
    Ok(reboot(RebootCommand::PowerOff)?)
}
