//! One skill.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::build::Build;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Skill {
    pub(super) vendor: String,
    /// As it was built last; none before the first build has ended well.
    pub(super) manifest: Option<Value>,
    /// How many manifests it was given.
    pub(super) version: u64,
    /// The version of the manifest that was built.
    pub(super) built_version: u64,
    pub(super) build: Build,
    pub(super) credentials: Option<Credentials>,
    pub(super) linking: Option<Linking>,
    pub(super) enabled: bool,
    pub(super) last_updated: String,
}

/// The client with which a skill's events are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// `amzn1.application-oa2-client.…`.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

/// How users link their accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Linking {
    /// Without the secret.
    pub(super) fields: Value,
    pub(super) secret: Secret,
    pub(super) version: u64,
}

/// Text that gives access to something. Amazon's side has to write it out; `Debug` shows `[REDACTED]`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl Skill {
    pub(super) fn etag(&self) -> String {
        etag(self.built_version)
    }

    pub(super) fn permissions(&self) -> Vec<&str> {
        let manifest = self.manifest.as_ref();
        let permissions = manifest.and_then(|manifest| manifest["permissions"].as_array());
        permissions.into_iter().flatten().filter_map(|permission| permission["name"].as_str()).collect()
    }

    pub(super) fn has_endpoint(&self) -> bool {
        self.manifest.as_ref().is_some_and(|manifest| manifest["apis"]["smartHome"]["endpoint"].is_object())
    }
}

/// The mark of a version. Nobody is to make sense of it, but it is not to be the same for another version.
pub(super) fn etag(version: u64) -> String {
    format!("{:016x}", version.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}
