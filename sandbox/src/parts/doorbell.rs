//! The doorbell's daemon, as it runs on a Pi, with the keys that the stack made for the Pi; its button is played.

use std::path::{Path, PathBuf};
use std::time::Duration;

use alexa::Region;
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
/// The page of the one that is measured.
pub const MEASURED_URL: &str = "http://127.0.0.1:9425";
/// That page's port.
pub const MEASURED_PORT: u16 = 9425;
/// How long after a press the next one is the same visitor's, unless told otherwise.
const LOCKOUT: Duration = Duration::from_secs(3);

/// The part.
pub const KIND: Kind = Kind {
    slug: "doorbell",
    title: "doorbell (the Pi's daemon)",
    ports: &[(Protocol::Tcp, PORT)],
    probe: |layout| Probe::Button { folder: sockets(layout, &KIND) },
    // It says a last time in the table how it is.
    patience: Duration::from_secs(4),
};

/// Another one beside it, for its figures: the program that ships.
pub const MEASURED: Kind = Kind {
    slug: "doorbell-measured",
    title: "doorbell (the one that is measured)",
    ports: &[(Protocol::Tcp, MEASURED_PORT)],
    probe: |layout| Probe::Button { folder: sockets(layout, &MEASURED) },
    ..KIND
};

/// What the stack made for the daemon.
#[derive(Clone, Debug)]
pub struct Pi {
    /// Where the stack is, and so its customers.
    pub region: Region,
    /// The path below which its parameters are.
    pub parameters: String,
    /// The id of its user's access key.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret_access_key: SecretString,
}

/// A daemon that watches [`BELL`].
#[derive(Clone, Debug)]
pub struct Daemon {
    /// Which part it is.
    pub kind: Kind,
    /// What runs.
    pub program: PathBuf,
    /// Its keys.
    pub pi: Pi,
    /// How long after a press the next one is the same visitor's.
    pub lockout: Duration,
    /// The port of its page, if it has one.
    pub page: Option<u16>,
    /// What it does besides ringing through Alexa: tables of its settings.
    pub integrations: String,
    /// The file with their secrets.
    pub secrets: SecretString,
}

/// The daemon of the dev stack, with the keys of `pi`, which tells `household`.
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
    let Tables { settings: integrations, secrets } = Tables::of(household);
    let daemon = Daemon {
        kind: KIND,
        program: tools.doorbell.clone(),
        pi: pi.clone(),
        lockout: LOCKOUT,
        page: Some(PORT),
        integrations,
        secrets: secrets.into(),
    };
    daemon.part(settings, layout)
}

impl Daemon {
    /// The part that runs it.
    ///
    /// # Errors
    /// When its settings cannot be written.
    pub fn part(&self, settings: &Settings, layout: &Layout) -> Result<Part> {
        let folder = layout.part(self.kind.slug);
        [RUNTIME, STATE].iter().try_for_each(|name| make_folder(&folder.join(name)))?;
        let keys = format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            self.pi.access_key_id,
            self.pi.secret_access_key.expose_secret(),
        );
        let inputs = [SETTINGS, KEYS, SECRETS].map(|name| folder.join(name));
        let [told, kept, secrets] = &inputs;
        write_if_changed(told, self.settings(&folder))?;
        write_if_changed(kept, keys)?;
        write_if_changed(secrets, self.secrets.expose_secret())?;
        Ok(Part {
            kind: self.kind,
            program: Program {
                executable: self.program.clone(),
                args: vec!["--settings".into(), SETTINGS.into()],
                env: environment(
                    settings,
                    &[("RUNTIME_DIRECTORY", RUNTIME.into()), ("STATE_DIRECTORY", STATE.into())],
                ),
                folder,
            },
            inputs: inputs.into(),
            estimate: Duration::from_secs(1),
            limit: Duration::from_secs(20),
        })
    }

    fn settings(&self, folder: &Path) -> String {
        let gateway = amazon::gateway_url(self.pi.region);
        let page = match self.page {
            Some(port) => format!("listen = [\"loopback\"]\nport = {port}"),
            None => "listen = []".into(),
        };
        format!(
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
{page}

[[bell]]
id = "{BELL}"
name = "Front door"
lockout_ms = {lockout}

{integrations}
"#,
            secrets = folder.join(SECRETS).display(),
            region = self.pi.region.aws(),
            parameters = self.pi.parameters,
            keys = folder.join(KEYS).display(),
            aws = ministack::URL,
            login = amazon::LOGIN_URL,
            lockout = self.lockout.as_millis(),
            integrations = self.integrations,
        )
    }
}

/// The settings of the dev stack's daemon as it was started last.
///
/// # Errors
/// When it never was.
pub fn settings(layout: &Layout) -> Result<String> {
    read_text(&layout.part(KIND.slug).join(SETTINGS))
}

/// The folder of the sockets of `daemon`.
#[must_use]
pub fn sockets(layout: &Layout, daemon: &Kind) -> PathBuf {
    layout.part(daemon.slug).join(RUNTIME)
}

/// A connection to the button of `bell`, for whoever plays it, by its socket in `folder`.
///
/// # Errors
/// When no daemon watches it.
pub async fn button(folder: &Path, bell: &str) -> Result<UnixStream> {
    let unwatched = |error: std::io::Error| {
        Error::Answer(format!("nobody watches the button of `{bell}` ({error}); run `cargo xtask up`"))
    };
    let socket = ShortPath::new(folder, &format!("{bell}.button")).map_err(unwatched)?;
    UnixStream::connect(socket.path()).await.map_err(unwatched)
}
