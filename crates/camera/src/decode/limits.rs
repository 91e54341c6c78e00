//! What the child may use.

use rustix::process::{Resource, Rlimit, setrlimit};

/// The most address space: many times what a stream of 1920x1080 takes (33 MB seen, all in all).
const MEMORY: u64 = 256 << 20;

/// The most seconds of work. The deadline of who asked is far sooner; this is for one whose parent is gone.
const SECONDS: u64 = 20;

/// Takes from this process what it does not need, for good: no files to open, none to write, no other processes, no
/// core dump with the picture in it, no more memory and time than pictures take, no rights by another program.
pub(super) fn lower() -> std::io::Result<()> {
    let limits = [
        (Resource::As, MEMORY),
        (Resource::Cpu, SECONDS),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, 0),
        (Resource::Nproc, 0),
    ];
    for (resource, most) in limits {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(rustix::thread::set_no_new_privs(true)?)
}
