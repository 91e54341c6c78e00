//! A Hue Bridge in the house: a fake one, which refuses what is not documented, and keeps what its lamps are told.

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
use crate::tools::Tools;

/// Where it is.
pub const URL: &str = "https://127.0.0.1:9421";
const PORT: u16 = 9421;

/// The part.
pub const KIND: Kind = Kind {
    slug: "hue-bridge",
    title: "Hue Bridge (a fake one)",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |_| Probe::Listens { port: PORT },
    patience: Duration::from_secs(2),
};

/// What pairing with it would give to a doorbell.
#[derive(Clone, Debug, Deserialize)]
pub struct Paired {
    /// Its address.
    pub address: String,
    /// The fingerprint of its certificate.
    pub pin: String,
    /// The key that lets the doorbell in.
    pub key: SecretString,
}

/// The bridge.
///
/// # Errors
/// When its folder cannot be made.
pub fn part(settings: &Settings, layout: &Layout, tools: &Tools) -> Result<Part> {
    let folder = layout.part(KIND.slug);
    make_folder(&folder)?;
    Ok(Part {
        kind: KIND,
        program: Program {
            executable: tools.hue_bridge.clone(),
            args: vec![PORT.to_string().into(), ".".into()],
            env: environment(settings, &[]),
            folder,
        },
        inputs: Vec::new(),
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(10),
    })
}

/// What it takes to talk to the one that runs.
///
/// # Errors
/// When it has not said so.
pub fn paired(layout: &Layout) -> Result<Paired> {
    let file = layout.part(KIND.slug).join("bridge.json");
    serde_json::from_str(&read_text(&file)?).map_err(|error| {
        Error::Answer(format!("{} does not say how to reach the Hue Bridge: {error}", file.display()))
    })
}
