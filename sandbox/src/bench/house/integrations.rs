//! Every kind of integration: those of the sandbox's household, and three that need nothing else.

use std::path::Path;

use secrecy::SecretString;

use crate::error::{Error, Result};
use crate::household::{Household, Tables};
use crate::parts::{camera, mosquitto};

/// What they are called.
pub(super) const NAMES: &[&str] = &["camera", "command", "hue", "mqtt", "sound", "webhook"];

/// The tables of the daemon's settings that tell `household`, a command that writes a line to `pipe`, and a webhook that
/// calls `hook`; and the file with their secrets.
///
/// # Errors
/// When there is less in the household than there can be.
pub(super) fn tables(household: &Household, pipe: &Path, hook: &str) -> Result<(String, SecretString)> {
    if household.camera.is_none() || household.broker.is_none() {
        let remedy = format!("{} {}", camera::REMEDY, mosquitto::PACKAGE);
        return Err(Error::Machine(vec![format!("a camera and a broker are measured, too: {remedy}")]));
    }
    let Tables { settings, secrets } = Tables::of(household);
    let others = format!(
        r#"
[[command]]
run = ["sh", "-c", 'echo > "$0"', '{pipe}']

[[sound]]
file = "/dev/null"
player = ["true"]

[[webhook]]
url = "{hook}"
pictures = true
"#,
        pipe = pipe.display(),
    );
    Ok((settings + &others, secrets.into()))
}
