//! What the daemon and an environment's init say to each other: one JSON document per line, over init's standard
//! input and output. The end of that input is an order too: the daemon is gone, so everything ends.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The first line to init: what to run, and in what. It has secrets, hence no `Debug`.
#[derive(Deserialize, Serialize)]
pub struct Plan {
    /// The unpacked image, shared with other environments.
    pub root: PathBuf,
    /// AWS's runtime interface emulator, outside the root.
    pub rie: PathBuf,
    /// Certificate authority to trust besides the image's own, outside the root.
    pub ca: PathBuf,
    /// Size of `/tmp` in MB.
    pub storage_mb: u32,
    /// Where the emulator takes invocations, `127.0.0.1:PORT`.
    pub invoke_address: String,
    /// Where it serves the runtime API, `127.0.0.1:PORT`.
    pub runtime_address: String,
    /// The function's program and its arguments.
    pub command: Vec<String>,
    /// The folder it starts in.
    pub working_directory: PathBuf,
    /// Its whole environment.
    pub variables: BTreeMap<String, String>,
    /// Whom it runs as; nobody else than init's own user when absent.
    pub user: Option<User>,
}

/// A user of the operating system.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// Orders to init, after the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Stop every process.
    Freeze,
    /// Let every process go on.
    Thaw,
    /// Ask the emulator to end, which ends the function as Lambda would.
    Terminate,
}

/// What init says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// The emulator was started.
    Started,
    /// The plan could not be followed; init ends.
    Failed(String),
    /// Every process was told to stop.
    Frozen {
        /// How many there are.
        processes: usize,
        /// How many had not stopped when init gave up waiting.
        running: usize,
    },
    /// Every process was told to go on.
    Thawed {
        /// Whether the function's program ended while it was frozen.
        lost: bool,
    },
}
