//! A stack's configuration in the sandbox: the tracked file's text, what a test changes in it, and the secrets.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use crate::cache::Key;
use crate::developer::Developer;
use crate::error::Result;
use crate::layout::{Layout, read_text};

const DEVELOPER_SECRETS: [&str; 2] = ["porch:alexaClientSecret", "porch:alexaRefreshToken"];

/// A skill that nobody has made: who asks the function directly needs none.
const GIVEN_SKILL: &str = "amzn1.ask.skill.00000000-0000-4000-8000-000000000000";

/// What a stack is configured with.
#[derive(Clone, Debug)]
pub struct StackConfig {
    /// Text of a tracked `Pulumi.<stack>.yaml`, without secrets.
    base: String,
    /// Values set on top, or taken away, by path, like `porch:bridge.memory`.
    pub changes: Vec<(String, Option<String>)>,
    /// Secrets by key, like `porch:tailscaleAuthKey`.
    pub secrets: Vec<(String, SecretString)>,
}

impl StackConfig {
    /// The configuration of the dev stack, with the key for its functions' nodes and the account in which its skills are made.
    ///
    /// # Errors
    /// When `Pulumi.dev.yaml` cannot be read.
    pub fn dev(layout: &Layout, tailscale_auth_key: SecretString, developer: &Developer) -> Result<Self> {
        let [client_secret, refresh_token] = DEVELOPER_SECRETS;
        Ok(Self {
            base: read_text(&layout.repository.join("Pulumi.dev.yaml"))?,
            changes: Vec::new(),
            secrets: vec![
                ("porch:tailscaleAuthKey".into(), tailscale_auth_key),
                (client_secret.into(), developer.client_secret.clone()),
                (refresh_token.into(), developer.refresh_token.clone()),
            ],
        })
    }

    /// The same without the doorbell, for stacks that are about something else.
    #[must_use]
    pub fn without_doorbell(self) -> Self {
        self.without("porch:doorbell")
    }

    /// The same with a skill for the bridge that is not the stack's own, for stacks that are not about skills.
    #[must_use]
    pub fn with_given_skill(mut self) -> Self {
        self.secrets.retain(|(key, _)| !DEVELOPER_SECRETS.contains(&key.as_str()));
        self.without("porch:alexa").with("porch:bridge.skillId", GIVEN_SKILL)
    }

    /// The same, publishing the daemon's package for machines of this `architecture`, in Debian's words. The key that
    /// signs it goes with the stack.
    #[must_use]
    pub fn with_device_package(self, architecture: &str) -> Self {
        self.with("porch:device.architecture", architecture).with("porch:device.protectSigningKey", "false")
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, path: &str, value: &str) -> Self {
        self.changes.push((path.into(), Some(value.into())));
        self
    }

    /// The same without a value.
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        self.changes.push((path.into(), None));
        self
    }

    /// Hash of all of it, secrets included: the sandbox's copy is written anew when it changes.
    pub(super) fn fingerprint(&self) -> String {
        let mut key = Key::new("config 1").with(&self.base);
        for (path, value) in &self.changes {
            key = key.with(path).with(value.as_deref().unwrap_or("(none)"));
        }
        for (path, value) in &self.secrets {
            key = key.with(path).with(value.expose_secret());
        }
        key.text()
    }

    /// The file's text before secrets are set, with the salt that `copy`, the file it replaces, has.
    pub(super) fn text(&self, copy: &Path) -> String {
        merged(&self.base, &read_text(copy).unwrap_or_default())
    }
}

/// The key of a stack's encryption salt; `pulumi stack init` writes it and every secret needs it.
const SALT: &str = "encryptionsalt:";

/// `base` with the encryption salt of `copy` in place of its own.
fn merged(base: &str, copy: &str) -> String {
    let is_salt = |line: &&str| line.starts_with(SALT);
    let kept = base.lines().filter(|line| !is_salt(line));
    let salt = copy.lines().find(is_salt);
    kept.chain(salt).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_takes_the_tracked_values_and_keeps_its_own_salt() {
        let tracked = "config:\n  porch:bridge:\n    memory: 1024";
        let copy = "config:\n  porch:bridge:\n    memory: 512\n  porch:k:\n    secure: v1:x\nencryptionsalt: v1:mine\n";
        let expected = "config:\n  porch:bridge:\n    memory: 1024\nencryptionsalt: v1:mine\n";
        assert_eq!(merged(tracked, copy), expected);
        assert_eq!(merged(expected, ""), tracked.to_string() + "\n");
    }

    #[test]
    fn a_changed_value_or_secret_changes_the_fingerprint() {
        let config = |memory: &str, key: &str| StackConfig {
            base: "config:\n".into(),
            changes: vec![("porch:bridge.memory".into(), Some(memory.into()))],
            secrets: vec![("porch:tailscaleAuthKey".into(), key.to_string().into())],
        };
        let first = config("512", "a");
        assert_eq!(first.fingerprint(), config("512", "a").fingerprint());
        assert_ne!(first.fingerprint(), config("1024", "a").fingerprint());
        assert_ne!(first.fingerprint(), config("512", "b").fingerprint());
        assert!(!format!("{:?}", config("512", "planted")).contains("planted"));
    }
}
