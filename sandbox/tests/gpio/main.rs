//! The daemon's button backends against real kernels: the character device's on gpio-sim in User Mode Linux, the
//! registers' in an emulated Raspberry Pi. What is tried there is in `sandbox/gpio`; this is the machine around it.
//!
//! The emulated Pi moves its pins' levels but raises no interrupt for it, so that rppal's edges are not shown by
//! anything here: that needs a real one.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as a test does")]

mod console;
mod initramfs;
mod pi;
mod program;
mod user_mode;

use std::path::Path;

use sandbox::Sandbox;
use sandbox::progress::Progress;
use sandbox::settings::Settings;

/// The sandbox of this checkout, of which only the tools are used: nothing of it runs.
fn sandbox() -> (Sandbox, Progress) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the one place where these tests read their environment")]
    let settings = Settings::read(repository, |name: &str| std::env::var_os(name)).unwrap();
    (Sandbox::new(settings), Progress::on_stderr())
}
