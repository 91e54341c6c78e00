//! The tailnet's control server and relay, its user, and the keys with which nodes join.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;
use serde_json::Value;

use super::{Kind, Part, environment};
use crate::certificates::Certificates;
use crate::error::{Error, Result};
use crate::layout::{Layout, read_text, write_if_changed, write_private};
use crate::process::Program;
use crate::procfs::Protocol;
use crate::ready::Probe;
use crate::run::Run;
use crate::secrets;
use crate::settings::Settings;
use crate::tools::Tools;

/// The control server as nodes know it.
pub const URL: &str = "https://127.0.0.1:8470";
/// The domain of all nodes' names.
pub const DOMAIN: &str = "sandbox.porch.internal";
const USER: &str = "sandbox";
const CONFIG: &str = "config.yaml";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Tailscale's own keys are good for at most 90 days as well.
const KEY_LIFETIME: Duration = DAY.saturating_mul(90);
/// A key is replaced when it is good for less than this.
const RENEW_WITHIN: Duration = DAY.saturating_mul(14);

/// Who joins the tailnet with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The node beside Home Assistant, which stays.
    Home,
    /// The function's nodes, which come and go, and may reach Home Assistant's port only.
    Bridge,
}

impl Role {
    fn slug(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Bridge => "bridge",
        }
    }
}

/// The part.
pub const KIND: Kind = Kind {
    slug: "headscale",
    title: "headscale (control server, relay)",
    ports: &[(Protocol::Tcp, 8470), (Protocol::Tcp, 8472), (Protocol::Udp, 8471)],
    probe: |layout| Probe::Http { url: format!("{URL}/health"), ca: Some(layout.ca()) },
    patience: Duration::from_secs(10),
};

/// Headscale.
///
/// # Errors
/// When its configuration cannot be written.
pub fn part(
    settings: &Settings,
    layout: &Layout,
    tools: &Tools,
    certificates: &Certificates,
) -> Result<Part> {
    let folder = layout.part(KIND.slug);
    let mut inputs = vec![certificates.server.clone(), certificates.server_key.clone()];
    for file in [CONFIG, "policy.json"] {
        let text = read_text(&layout.source("headscale").join(file))?;
        write_if_changed(&folder.join(file), text)?;
        inputs.push(folder.join(file));
    }
    Ok(Part {
        kind: KIND,
        program: Program {
            executable: tools.headscale.clone(),
            args: vec!["--config".into(), CONFIG.into(), "serve".into()],
            env: environment(settings, &[]),
            folder,
        },
        inputs,
        estimate: Duration::from_secs(1),
        limit: Duration::from_secs(30),
    })
}

/// The running server, asked through its own command line.
#[derive(Clone, Debug)]
pub struct Headscale {
    program: PathBuf,
    folder: PathBuf,
    layout: Layout,
}

impl Headscale {
    /// The server that [`part`] describes, once it runs.
    #[must_use]
    pub fn new(layout: &Layout, tools: &Tools) -> Self {
        Self { program: tools.headscale.clone(), folder: layout.part(KIND.slug), layout: layout.clone() }
    }

    /// A key with which nodes of `role` join: the one made before while it is good for long enough, else a new one.
    ///
    /// # Errors
    /// When the server refuses, or the key cannot be kept.
    pub async fn key(&self, role: Role) -> Result<SecretString> {
        let (file, secret) = (self.facts(role), self.layout.secret(&format!("tailnet-{}", role.slug())));
        if let (Ok(facts), Some(key)) = (read_text(&file), secrets::kept(&secret)) {
            let known: Value = serde_json::from_str(&facts).unwrap_or_default();
            if self.is_good(&known["id"]).await? {
                return Ok(key);
            }
        }
        let user = self.user().await?;
        let (user, lifetime) = (user.to_string(), format!("{}h", KEY_LIFETIME.as_secs() / 3600));
        let tag = format!("tag:{}", role.slug());
        let mut args = vec!["preauthkeys", "create", "--reusable", "--expiration", &lifetime, "--tags", &tag];
        match role {
            Role::Home => args.extend(["--user", &user]),
            Role::Bridge => args.extend(["--user", &user, "--ephemeral"]),
        }
        let made = self.ask(&args).await?;
        let Some(key) = made["key"].as_str() else {
            return Err(Error::Answer("headscale made a key but did not print it".into()));
        };
        let key = SecretString::from(key);
        secrets::keep(&secret, &key)?;
        write_private(&file, serde_json::json!({"id": made["id"]}).to_string())?;
        Ok(key)
    }

    /// How many nodes it knows that call themselves `name`.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn count_nodes(&self, name: &str) -> Result<usize> {
        let nodes = self.list(&["nodes", "list"]).await?;
        Ok(nodes.iter().filter(|node| node["name"] == name).count())
    }

    /// Makes the server forget nodes called `name`, so that a node without memory gets that very name again.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn forget_node(&self, name: &str) -> Result<()> {
        for node in self.list(&["nodes", "list"]).await? {
            if node["name"] == name {
                let id = node["id"].to_string();
                self.ask(&["nodes", "delete", "--force", "--identifier", id.trim_matches('"')]).await?;
            }
        }
        Ok(())
    }

    /// Whether the server still knows the key, and takes it for long enough.
    async fn is_good(&self, id: &Value) -> Result<bool> {
        let enough = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + RENEW_WITHIN;
        let keys = self.list(&["preauthkeys", "list"]).await?;
        let key = keys.iter().find(|key| key["id"] == *id);
        let until = key.and_then(|key| key["expiration"]["seconds"].as_u64());
        Ok(until.is_some_and(|until| until > enough.as_secs()))
    }

    async fn user(&self) -> Result<u64> {
        let id = |user: &Value| user["id"].as_u64().filter(|_| user["name"] == USER);
        if let Some(id) = self.list(&["users", "list"]).await?.iter().find_map(id) {
            return Ok(id);
        }
        let made = self.ask(&["users", "create", USER]).await?;
        id(&made).ok_or_else(|| Error::Answer("headscale made a user but did not print its id".into()))
    }

    /// An empty list is printed as `null`.
    async fn list(&self, args: &[&str]) -> Result<Vec<Value>> {
        Ok(self.ask(args).await?.as_array().cloned().unwrap_or_default())
    }

    async fn ask(&self, args: &[&str]) -> Result<Value> {
        let what = format!("headscale {}", args.iter().take(2).copied().collect::<Vec<_>>().join(" "));
        let run = Run::new(&what, &self.program).args(["--config", CONFIG, "--output", "json"]).args(args);
        let answer = run.folder(&self.folder).output().await?;
        serde_json::from_str(&answer.stdout)
            .map_err(|error| Error::Answer(format!("{what} printed no JSON: {error}")))
    }

    fn facts(&self, role: Role) -> PathBuf {
        self.folder.join(format!("key-{}.json", role.slug()))
    }
}
