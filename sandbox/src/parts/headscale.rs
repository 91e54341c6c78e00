//! The tailnet's control server and relay, its user, and the keys with which nodes join.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;
use serde_json::{Value, json};

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
/// The zone that is not the tailnet's own: its names are asked of the name server in the tailnet.
pub const SPLIT_ZONE: &str = "house.internal";
const CONFIG: &str = "config.yaml";
const POLICY: &str = "policy.json";
/// Stands in the configuration for the zones with name servers of their own.
const SPLIT: &str = "@SPLIT@";
/// Holds the address of the name server of [`SPLIT_ZONE`], once there is one.
const NAME_SERVER: &str = "name-server";
const EXTRA_RECORDS: &str = "extra-records.json";
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
    /// The node beside the name server of [`SPLIT_ZONE`].
    Names,
    /// The phone of the person who links the skill.
    Phone,
}

impl Role {
    fn slug(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Bridge => "bridge",
            Self::Names => "names",
            Self::Phone => "phone",
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
    let source = |file: &str| read_text(&layout.source("headscale").join(file));
    let config = source(CONFIG)?.replace(SPLIT, &split(read_text(&folder.join(NAME_SERVER)).ok().as_deref()));
    for (file, text) in [(CONFIG, config), (POLICY, source(POLICY)?)] {
        write_if_changed(&folder.join(file), text)?;
        inputs.push(folder.join(file));
    }
    if !folder.join(EXTRA_RECORDS).exists() {
        set_extra_records(layout, &[])?;
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

/// The zones with name servers of their own, as YAML.
fn split(name_server: Option<&str>) -> String {
    name_server.map_or_else(|| "{}".into(), |address| format!("{{{SPLIT_ZONE}: [{address}]}}"))
}

/// Has the nodes ask `address` for the names of [`SPLIT_ZONE`] from the next start of [`part`] on.
///
/// # Errors
/// When it cannot be written.
pub fn set_name_server(layout: &Layout, address: IpAddr) -> Result<()> {
    write_if_changed(&layout.part(KIND.slug).join(NAME_SERVER), address.to_string())
}

/// Has every node know these names besides those of nodes. A running server takes it over by itself.
///
/// # Errors
/// When it cannot be written.
pub fn set_extra_records(layout: &Layout, records: &[(&str, IpAddr)]) -> Result<()> {
    let record = |(name, address): &(&str, IpAddr)| {
        let kind = if address.is_ipv4() { "A" } else { "AAAA" };
        json!({"name": name, "type": kind, "value": address})
    };
    let records: Vec<Value> = records.iter().map(record).collect();
    write_if_changed(&layout.part(KIND.slug).join(EXTRA_RECORDS), json!(records).to_string())
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
            Role::Home | Role::Names | Role::Phone => args.extend(["--user", &user]),
            Role::Bridge => args.extend(["--user", &user, "--ephemeral"]),
        }
        let made = self.ask(&args).await?;
        let Some(key) = made["key"].as_str() else {
            return Err(Error::Answer("headscale made a key but did not print it".into()));
        };
        let key = SecretString::from(key);
        secrets::keep(&secret, &key)?;
        write_private(&file, json!({"id": made["id"]}).to_string())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_is_asked_of_the_name_server_once_there_is_one() {
        assert_eq!(split(None), "{}");
        assert_eq!(split(Some("100.64.0.2")), "{house.internal: [100.64.0.2]}");
        let config = include_str!("../../headscale/config.yaml");
        assert_eq!(config.matches(SPLIT).count(), 1);
    }

    #[test]
    fn extra_records_are_written_as_headscale_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::of(folder.path());
        let addresses: [IpAddr; 2] = ["100.64.0.1".parse().unwrap(), "fd7a::1".parse().unwrap()];
        set_extra_records(&layout, &[("a.test", addresses[0]), ("b.test", addresses[1])]).unwrap();
        let written = read_text(&layout.part(KIND.slug).join(EXTRA_RECORDS)).unwrap();
        let written: Value = serde_json::from_str(&written).unwrap();
        let expected = json!([
            {"name": "a.test", "type": "A", "value": "100.64.0.1"},
            {"name": "b.test", "type": "AAAA", "value": "fd7a::1"},
        ]);
        assert_eq!(written, expected);
    }
}
