//! A Hue Bridge in the house: the one that the tests of `crates/hue` run against, as a program. It refuses what is not
//! documented, and keeps what its lamps are told.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::{Kind, Part, environment};
use crate::error::{Error, Result};
use crate::layout::{Layout, make_folder, read_text};
use crate::process::Program;
use crate::procfs::Protocol;
use crate::ready::Probe;
use crate::settings::Settings;

/// Where it is.
pub const URL: &str = "https://127.0.0.1:9421";
const PORT: u16 = 9421;

/// The part.
pub const KIND: Kind = Kind {
    slug: "hue-bridge",
    title: "Hue Bridge (a fake one)",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |_| Probe::Listens { port: PORT },
    patience: Duration::from_secs(1),
};

/// A room with lamps.
pub const ROOM: &str = "Entrance";

/// How to reach it.
#[derive(Clone, Debug, Deserialize)]
pub struct Access {
    /// Where it is.
    pub address: String,
    /// The fingerprint of its certificate.
    pub pin: String,
    /// A key that it knows.
    pub key: SecretString,
}

/// The bridge, whose `program` is that of [`crate::tools::Tools`].
///
/// # Errors
/// When its folder cannot be made.
pub fn part(settings: &Settings, layout: &Layout, program: PathBuf) -> Result<Part> {
    let folder = layout.part(KIND.slug);
    make_folder(&folder)?;
    let args = [PORT.to_string().into(), folder.clone().into()];
    Ok(Part {
        kind: KIND,
        program: Program { executable: program, args: args.into(), env: environment(settings, &[]), folder },
        inputs: Vec::new(),
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(10),
    })
}

/// How to reach the bridge that runs, which it writes down before it listens.
///
/// # Errors
/// When it has not.
pub fn access(layout: &Layout) -> Result<Access> {
    let file = layout.part(KIND.slug).join("bridge.json");
    serde_json::from_str(&read_text(&file)?).map_err(|error| {
        Error::Answer(format!("{} does not say how to reach the Hue Bridge: {error}", file.display()))
    })
}
