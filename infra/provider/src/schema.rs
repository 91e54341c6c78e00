//! What the provider offers, in the form of a Pulumi package schema.

use serde_json::{Value, json};

/// The type of a function image in a Pulumi program.
pub(crate) const FUNCTION_IMAGE: &str = "porch:build:FunctionImage";

/// The type of a pair of keys that signs packages.
pub(crate) const SIGNING_KEY: &str = "porch:build:SigningKey";

/// The type of the daemon's package.
pub(crate) const DEVICE_PACKAGE: &str = "porch:build:DevicePackage";

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
        "resources": {
            FUNCTION_IMAGE: function_image(),
            SIGNING_KEY: signing_key(),
            DEVICE_PACKAGE: device_package(),
        },
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

fn signing_key() -> Value {
    json!({
        "description": "An Ed25519 key pair, made once.",
        "inputProperties": {},
        "requiredInputs": [],
        "properties": {
            "publicKey": text("The public key, base64."),
            "privateKey": secret("The private key, base64."),
        },
        "required": ["publicKey", "privateKey"],
    })
}

fn device_package() -> Value {
    let inputs = json!({
        "architecture": text("Debian's name: `arm64`, `armhf` or `amd64`."),
        "bucket": text("Name of the bucket that it is uploaded to."),
        "region": text("Region of the bucket."),
        "prefix": text("How the keys of all its objects begin, before a `/`."),
        "signingKey": secret("The private key that signs the manifest."),
    });
    let mut properties = inputs.clone();
    for (name, property) in [
        (
            "sourceHash",
            text("Hash of everything that goes into the package; another one means another build."),
        ),
        ("key", text("Key of the package in the bucket.")),
        ("manifestKey", text("Key of what says which package is the newest.")),
        ("version", text("Version of the package.")),
        ("sha256", text("SHA-256 of the package.")),
        ("sizeBytes", json!({ "type": "integer", "description": "Size of the package in bytes." })),
    ] {
        properties[name] = property;
    }
    json!({
        "description": "The daemon's Debian package, built from its crate, signed and uploaded.",
        "inputProperties": inputs,
        "requiredInputs": ["architecture", "bucket", "region", "prefix", "signingKey"],
        "properties": properties,
        "required": [
            "architecture", "bucket", "region", "prefix", "signingKey",
            "sourceHash", "key", "manifestKey", "version", "sha256", "sizeBytes",
        ],
    })
}

fn secret(description: &str) -> Value {
    json!({ "type": "string", "secret": true, "description": description })
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
