//! A stack's config as Pulumi hands it over, with every secret reduced to whether it is there.

use std::collections::BTreeMap;
use std::ffi::OsString;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// Where the stack's AWS resources are.
pub const REGION: &str = "aws:region";
/// The group of the bridge's settings.
pub const BRIDGE: &str = "porch:bridge";
/// The group of the doorbell's settings.
pub const DOORBELL: &str = "porch:doorbell";
/// The group of the settings of the daemon's package.
pub const DEVICE: &str = "porch:device";
/// The group of the settings of what GitHub may do.
pub const PREVIEWS: &str = "porch:previews";
/// The group of the settings of the developer's account that has the skills.
pub const ALEXA: &str = "porch:alexa";
/// The keys whose values are read. Pulumi hands over secrets decrypted, so the value of any other key is
/// forgotten at once.
const READ: [&str; 6] = [REGION, BRIDGE, DOORBELL, DEVICE, ALEXA, PREVIEWS];

/// A stack's name and config. Not to be printed: a user may have put a secret where none belongs.
pub struct StackConfig {
    /// The stack's name, as Pulumi knows it.
    pub stack: String,
    /// What is set, by key with its namespace, like `porch:bridge`.
    pub entries: BTreeMap<String, Entry>,
}

/// What is set under one key.
pub enum Entry {
    /// The value itself; a group is JSON.
    Read(String),
    /// A value that may be secret and is therefore not here.
    Withheld {
        /// Whether there is nothing in it.
        empty: bool,
        /// Whether it is known to stand unencrypted in the stack's file.
        in_clear: bool,
    },
}

/// Pulumi's words cannot be read; a version of Pulumi that porch does not know would be the reason.
#[derive(Debug, thiserror::Error)]
#[error("{what} is not {expected}; its text is not shown, since it holds secrets")]
pub struct Unreadable {
    what: &'static str,
    expected: &'static str,
}

/// A key in the answer of `pulumi config --json`, which leaves out the values of secrets.
#[derive(Deserialize)]
struct Listed {
    value: Option<SecretString>,
    secret: bool,
}

impl StackConfig {
    /// Reads the environment that Pulumi starts the program with. `None` when there is no config, because
    /// Pulumi only asks which packages the program needs: PULUMI_STACK alone says nothing, since a user may
    /// set it to choose a stack.
    pub fn from_environment(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Option<Self>, Unreadable> {
        let Some(config) = lookup("PULUMI_CONFIG") else { return Ok(None) };
        let unreadable = || Unreadable { what: "PULUMI_CONFIG", expected: "a JSON object of texts" };
        // A stack without any config has `null`. What serde says of a bad text is dropped, since it quotes
        // values.
        let values: Option<BTreeMap<String, SecretString>> =
            config.to_str().and_then(|text| serde_json::from_str(text).ok()).ok_or_else(unreadable)?;
        let entries = values.unwrap_or_default().into_iter().map(|(key, value)| {
            let entry = Entry::new(&key, &value, false);
            (key, entry)
        });
        let stack = lookup("PULUMI_STACK").and_then(|name| name.into_string().ok());
        let stack = stack.ok_or(Unreadable { what: "PULUMI_STACK", expected: "set beside PULUMI_CONFIG" })?;
        Ok(Some(Self { stack, entries: entries.collect() }))
    }

    /// Reads the answer of `pulumi config --json` for a stack, which also tells what is kept unencrypted.
    pub fn from_listing(stack: &str, listing: &str) -> Result<Self, Unreadable> {
        let unreadable = |_| Unreadable {
            what: "the answer of `pulumi config --json`",
            expected: "an object of values and whether they are secret",
        };
        let listed: BTreeMap<String, Listed> = serde_json::from_str(listing).map_err(unreadable)?;
        let entries = listed.into_iter().map(|(key, Listed { value, secret })| {
            let entry = match value {
                Some(value) if !secret => Entry::new(&key, &value, true),
                _ => Entry::Withheld { empty: false, in_clear: false },
            };
            (key, entry)
        });
        Ok(Self { stack: stack.to_owned(), entries: entries.collect() })
    }
}

impl Entry {
    fn new(key: &str, value: &SecretString, in_clear: bool) -> Self {
        let value = value.expose_secret();
        if READ.contains(&key) {
            Self::Read(value.to_owned())
        } else {
            Self::Withheld { empty: value.trim().is_empty(), in_clear }
        }
    }
}
