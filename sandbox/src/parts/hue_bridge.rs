//! A Hue Bridge: the one that the tests of `crates/hue` run against, as a program.

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

const PORT: u16 = 9424;

/// The part.
pub const KIND: Kind = Kind {
    slug: "hue-bridge",
    title: "Hue Bridge",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |_| Probe::Listens { port: PORT },
    patience: Duration::from_secs(1),
};

/// Lamps in its house.
pub const LAMPS: [&str; 2] = ["Hallway lamp", "Porch lamp"];

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

/// The bridge, whose `program` is [`crate::tools::hue_bridge`].
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

/// How to reach the bridge that runs: it says so in the first line of what it prints.
///
/// # Errors
/// When it does not.
pub fn access(layout: &Layout) -> Result<Access> {
    let printed = read_text(&layout.log(KIND.slug))?;
    let told = printed.lines().find_map(|line| serde_json::from_str(line).ok());
    told.ok_or_else(|| Error::Answer("the Hue Bridge does not say how to reach it".into()))
}
