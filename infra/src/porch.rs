//! The resources of this tree's own plugin, package `porch`, only the properties used.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::template::{Handle, Program, Reference, Resource, Text};

/// Declares the plugin, for a stack that has any of its resources, with the developer's account if there is one.
///
/// The project has the plugin's name, and so has its config: Pulumi would hand the plugin every `porch:*`
/// setting, the secrets too, and keep them in the state once more.
pub fn declare_plugin(program: &mut Program, account: &BTreeMap<&'static str, Text>) {
    program.declare_plugin("porch", account);
}

/// A function's container image: built from this tree, pushed to a repository, known by its digest.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionImage {
    /// Path of the function's crate from the project folder.
    pub function: Text,
    /// Path of the Go module that pins `tailscaled`, if that goes into the image beside the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tailscaled: Option<Text>,
    /// Instruction set that the image is for, in Lambda's words.
    pub architecture: Text,
    /// Where to push.
    pub repository_url: Text,
}

impl Resource for FunctionImage {
    const TYPE: &'static str = "porch:build:FunctionImage";
    /// The plugin is built from this tree, so that it has no version to pin.
    const PLUGIN_VERSION: Option<&'static str> = None;
}

impl Handle<FunctionImage> {
    /// The pushed image by digest, `REPOSITORY@sha256:…`.
    pub fn uri(&self) -> Reference {
        self.property("imageUri")
    }

    /// Size of the pushed image in bytes, compressed.
    pub fn size(&self) -> Reference {
        self.property("sizeBytes")
    }
}

/// A key pair that signs what a Raspberry Pi installs. Pulumi keeps the private key, encrypted, and nobody else has it.
#[derive(Debug, Serialize)]
pub struct SigningKey {}

impl Resource for SigningKey {
    const TYPE: &'static str = "porch:build:SigningKey";
    const PLUGIN_VERSION: Option<&'static str> = None;
}

impl Handle<SigningKey> {
    /// The public key, base64.
    pub fn public_key(&self) -> Reference {
        self.property("publicKey")
    }

    /// The private key, which stays a secret.
    pub fn private_key(&self) -> Reference {
        self.property("privateKey")
    }
}

/// The daemon's Debian package: built from this tree, signed and uploaded.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DevicePackage {
    /// Debian's name of the instruction set that it is for.
    pub architecture: Text,
    /// Name of the bucket.
    pub bucket: Text,
    /// Region of the bucket.
    pub region: Text,
    /// How the keys of all its objects begin, before a `/`.
    pub prefix: Text,
    /// The private key that signs it.
    pub signing_key: Text,
}

impl Resource for DevicePackage {
    const TYPE: &'static str = "porch:build:DevicePackage";
    const PLUGIN_VERSION: Option<&'static str> = None;
}

impl Handle<DevicePackage> {
    /// Key of the package in the bucket.
    pub fn key(&self) -> Reference {
        self.property("key")
    }

    /// Key of what says which package is the newest, and is signed.
    pub fn manifest_key(&self) -> Reference {
        self.property("manifestKey")
    }

    /// Version of the package, as `dpkg` compares it.
    pub fn version(&self) -> Reference {
        self.property("version")
    }

    /// SHA-256 of the package.
    pub fn sha256(&self) -> Reference {
        self.property("sha256")
    }
}

/// A smart home skill of Alexa in a developer's account, without the function that answers it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Skill {
    /// The developer as a vendor of skills.
    pub vendor_id: Text,
    /// The skill's name in each locale.
    pub locales: BTreeMap<&'static str, Text>,
    /// What it is for, in a sentence.
    pub summary: Text,
    /// Whether it sends events.
    pub events: bool,
}

impl Resource for Skill {
    const TYPE: &'static str = "porch:alexa:Skill";
    const PLUGIN_VERSION: Option<&'static str> = None;
}

impl Handle<Skill> {
    /// The skill's id.
    pub fn id(&self) -> Reference {
        self.property("skillId")
    }

    /// Hash of what it says about itself.
    pub fn manifest_hash(&self) -> Reference {
        self.property("manifestHash")
    }

    /// As which client its events are sent.
    pub fn messaging_client_id(&self) -> Reference {
        self.property("messagingClientId")
    }

    /// With which secret.
    pub fn messaging_client_secret(&self) -> Reference {
        self.property("messagingClientSecret")
    }
}

/// What answers a skill, and how its users link their accounts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SkillEndpoint {
    /// Id of the skill.
    pub skill_id: Text,
    /// Hash of what the skill says about itself: with another one it is linked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest_hash: Option<Text>,
    /// ARN of the function.
    pub function_arn: Text,
    /// How users link their accounts, if the stack knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_linking: Option<AccountLinking>,
    /// Whether to enable it for the developer, as far as Amazon lets programs do that.
    pub enable: bool,
}

impl Resource for SkillEndpoint {
    const TYPE: &'static str = "porch:alexa:SkillEndpoint";
    const PLUGIN_VERSION: Option<&'static str> = None;
}

/// How users link their accounts: by an authorization code.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountLinking {
    /// Where the user logs in.
    pub authorization_url: Text,
    /// Where Amazon gets tokens.
    pub access_token_url: Text,
    /// As which client.
    pub client_id: Text,
    /// With which secret.
    pub client_secret: Text,
    /// For what.
    pub scopes: [Text; 1],
}
