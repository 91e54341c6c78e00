//! What the provider offers, in the form of a Pulumi package schema.

use serde_json::{Value, json};

/// The type of a function image in a Pulumi program.
pub(crate) const FUNCTION_IMAGE: &str = "porch:build:FunctionImage";

/// The package schema, as the engine asks for it and as programs are checked against it.
#[must_use]
pub fn schema() -> Value {
    json!({
        "name": "porch",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Builds what porch deploys.",
        "license": env!("CARGO_PKG_LICENSE"),
        "meta": { "moduleFormat": "(.*)" },
        "language": {},
        "config": {},
        "provider": { "type": "object", "properties": {} },
        "resources": { FUNCTION_IMAGE: function_image() },
    })
}

fn function_image() -> Value {
    let inputs = json!({
        "function": text("Folder of the function's crate, relative to the project, like `functions/bridge`."),
        "architecture": text("`x86_64` or `arm64`."),
        "repositoryUrl": {
            "type": "string",
            "replaceOnChanges": true,
            "description": "ECR repository, `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`. Another one replaces the image.",
        },
        "tailscaled": text(
            "Folder of the Go module that pins tailscaled, relative to the project. Without it the image has none.",
        ),
    });
    let mut properties = inputs.clone();
    for (name, property) in [
        ("sourceHash", text("Hash of everything that goes into the image; another one means another build.")),
        ("digest", text("Digest of the image, `sha256:…`.")),
        ("imageUri", text("The image by digest, as a function names it.")),
        ("tag", text("The tag it was pushed with.")),
        (
            "sizeBytes",
            json!({ "type": "integer", "description": "Compressed size in bytes, as Lambda loads it." }),
        ),
    ] {
        properties[name] = property;
    }
    json!({
        "description": "The container image of a Lambda function, built from its crate without Docker and pushed to ECR.",
        "inputProperties": inputs,
        "requiredInputs": ["function", "architecture", "repositoryUrl"],
        "properties": properties,
        "required": [
            "function", "architecture", "repositoryUrl", "sourceHash", "digest", "imageUri", "tag", "sizeBytes",
        ],
    })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_required_property_is_declared() {
        let image = &schema()["resources"][FUNCTION_IMAGE];
        for (list, object) in [("requiredInputs", "inputProperties"), ("required", "properties")] {
            for name in image[list].as_array().unwrap() {
                assert!(image[object][name.as_str().unwrap()]["type"].is_string(), "{name}");
            }
        }
    }
}
