//! The resources of this tree's own plugin, package `porch`, only the properties used.

use serde::Serialize;

use crate::template::{Handle, Program, Reference, Resource, Text};

/// Declares the plugin, for a stack that has any of its resources.
///
/// The project has the plugin's name, and so has its config: Pulumi would hand the plugin every `porch:*`
/// setting, the secrets too, and keep them in the state once more.
pub fn declare_plugin(program: &mut Program) {
    program.declare_plugin("porch");
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
