//! The auth key, and how it reaches `tailscaled` without touching a disk.

use std::sync::{Arc, OnceLock};

use secrecy::{ExposeSecret, SecretString};
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;

/// A key that lets a new node into the tailnet: `tskey-auth-…` of Tailscale, `hskey-auth-…` of headscale.
#[derive(Clone, Debug)]
pub struct AuthKey(SecretString);

impl AuthKey {
    /// Takes a key as it was given; only the control server can say whether it is good.
    pub fn new(key: impl Into<SecretString>) -> Self {
        Self(key.into())
    }
}

/// Where a started `tailscaled` waits for its auth key: the writing end of its standard input.
///
/// Dropped without a key, `tailscaled` goes on with none, and the control server asks for a login in a browser.
#[derive(Debug)]
pub struct AuthKeyEntry {
    pub(crate) stdin: ChildStdin,
    pub(crate) hidden: Hidden,
}

impl AuthKeyEntry {
    /// Hands over the key, after which `tailscaled` registers at the control server.
    ///
    /// # Errors
    /// When `tailscaled` has ended, in which case [`crate::Sidecar::running`] tells why.
    pub async fn hand_over(mut self, key: &AuthKey) -> std::io::Result<()> {
        self.hidden.hide(key);
        self.stdin.write_all(key.0.expose_secret().as_bytes()).await?;
        self.stdin.shutdown().await
    }
}

/// The key as it must not appear in what `tailscaled` logs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hidden(Arc<OnceLock<AuthKey>>);

impl Hidden {
    fn hide(&self, key: &AuthKey) {
        // The entry is consumed by the only caller, so there is never a second key.
        let _ = self.0.set(key.clone());
    }

    /// The text with the key, should it contain it, made unreadable.
    pub(crate) fn redact(&self, text: String) -> String {
        match self.0.get() {
            Some(key) if text.contains(key.0.expose_secret()) => {
                text.replace(key.0.expose_secret(), "[REDACTED]")
            }
            Some(_) | None => text,
        }
    }
}
