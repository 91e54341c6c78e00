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
