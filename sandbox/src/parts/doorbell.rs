//! The doorbell's daemon, as it runs on a Pi, with the keys that the stack made for the Pi; its button is played.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::net::UnixStream;

use super::{Kind, Part, amazon, environment, ministack};
use crate::error::{Error, Result};
use crate::household::{Household, Tables};
use crate::layout::{Layout, ShortPath, make_folder, read_text, write_if_changed};
use crate::process::Program;
use crate::procfs::Protocol;
use crate::ready::Probe;
use crate::settings::Settings;
use crate::tools::Tools;

/// The bell that it watches: one of those in the dev stack's configuration.
pub const BELL: &str = "front-door";
const SETTINGS: &str = "doorbell.toml";
const KEYS: &str = "aws";
const SECRETS: &str = "secrets";
/// Where its sockets are, and its history, within its folder.
const RUNTIME: &str = "run";
const STATE: &str = "state";
/// Its page.
pub const URL: &str = "http://127.0.0.1:9423";
const PORT: u16 = 9423;

/// The part.
pub const KIND: Kind = Kind {
    slug: "doorbell",
    title: "doorbell (the Pi's daemon)",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |layout| Probe::Button { layout: layout.clone() },
    // It says a last time in the table how it is.
    patience: Duration::from_secs(4),
};

/// What the stack made for the daemon.
#[derive(Clone, Debug)]
pub struct Pi {
    /// The region of its AWS.
    pub region: String,
    /// The path below which its parameters are.
    pub parameters: String,
    /// The id of its user's access key.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret_access_key: SecretString,
}

/// The daemon with the keys of `pi`, which tells `household`.
///
/// # Errors
/// When its settings cannot be written.
pub fn part(
    settings: &Settings,
    layout: &Layout,
    tools: &Tools,
    pi: &Pi,
    household: &Household,
) -> Result<Part> {
    let folder = layout.part(KIND.slug);
    [RUNTIME, STATE].iter().try_for_each(|name| make_folder(&folder.join(name)))?;
    let (_, gateway) = amazon::GATEWAY_URLS[0];
    let integrations = Tables::of(household);
    let text = format!(
        r#"
log = "debug"
secrets = '{secrets}'

[aws]
region = "{region}"
parameters = "{parameters}"
credentials = '{keys}'
endpoint = "{aws}"

[alexa]
login_url = "{login}"
gateway_url = "{gateway}"

[gpio]
backend = "simulated"

[web]
listen = ["loopback"]
port = {PORT}

[[bell]]
id = "{BELL}"
name = "Front door"
{integrations}"#,
        secrets = folder.join(SECRETS).display(),
        region = pi.region,
        parameters = pi.parameters,
        keys = folder.join(KEYS).display(),
        aws = ministack::URL,
        login = amazon::LOGIN_URL,
        integrations = integrations.settings,
    );
    let keys = format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        pi.access_key_id,
        pi.secret_access_key.expose_secret(),
    );
    let inputs = vec![folder.join(SETTINGS), folder.join(KEYS), folder.join(SECRETS)];
    write_if_changed(&inputs[0], text)?;
    write_if_changed(&inputs[1], keys)?;
    write_if_changed(&inputs[2], integrations.secrets)?;
    Ok(Part {
        kind: KIND,
        program: Program {
            executable: tools.doorbell.clone(),
            args: vec!["--settings".into(), SETTINGS.into()],
            env: environment(
                settings,
                &[("RUNTIME_DIRECTORY", RUNTIME.into()), ("STATE_DIRECTORY", STATE.into())],
            ),
            folder,
        },
        inputs,
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(20),
    })
}

/// The settings of the daemon that was started last.
///
/// # Errors
/// When none was.
pub fn settings(layout: &Layout) -> Result<String> {
    read_text(&layout.part(KIND.slug).join(SETTINGS))
}

/// A connection to the button of `bell`, for whoever plays it.
///
/// # Errors
/// When the daemon does not watch it.
pub async fn button(layout: &Layout, bell: &str) -> Result<UnixStream> {
    let folder = layout.part(KIND.slug).join(RUNTIME);
    let unwatched = |error: std::io::Error| {
        Error::Answer(format!("nobody watches the button of `{bell}` ({error}); run `cargo xtask up`"))
    };
    let socket = ShortPath::new(&folder, &format!("{bell}.button")).map_err(unwatched)?;
    UnixStream::connect(socket.path()).await.map_err(unwatched)
}
