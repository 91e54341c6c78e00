//! What the provider offers, in the form of a Pulumi package schema.

mod alexa;

use serde_json::{Value, json};

/// The type of a function image in a Pulumi program.
pub(crate) const FUNCTION_IMAGE: &str = "porch:build:FunctionImage";

/// The type of a published package of the daemon.
pub(crate) const DEVICE_PACKAGE: &str = "porch:build:DevicePackage";

/// The type of a pair of keys that packages are signed with.
pub(crate) const SIGNING_KEY: &str = "porch:build:SigningKey";

/// The type of a skill of Alexa.
pub(crate) const SKILL: &str = "porch:alexa:Skill";

/// The type of what a skill is answered by.
pub(crate) const SKILL_ENDPOINT: &str = "porch:alexa:SkillEndpoint";

/// The package schema, as the engine asks for it and as programs are checked against it.
#[must_use]
pub fn schema() -> Value {
    json!({
        "name": "porch",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Builds what porch deploys, and owns the skills that Alexa has of it.",
        "license": env!("CARGO_PKG_LICENSE"),
        "meta": { "moduleFormat": "(.*)" },
        "language": {},
        "config": {},
        "provider": alexa::account(),
        "types": alexa::types(),
        "resources": {
            FUNCTION_IMAGE: function_image(),
            DEVICE_PACKAGE: device_package(),
            SIGNING_KEY: signing_key(),
            SKILL: alexa::skill(),
            SKILL_ENDPOINT: alexa::skill_endpoint(),
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

fn device_package() -> Value {
    let replaces =
        |description: &str| json!({ "type": "string", "replaceOnChanges": true, "description": description });
    let inputs = json!({
        "architecture": replaces("`arm64`, `armhf` or `amd64`, as Debian calls it."),
        "bucket": replaces("Name of the S3 bucket that devices read."),
        "region": text("The bucket's region, like `eu-west-1`."),
        "prefix": replaces("What the keys of all objects begin with, like `device`."),
        "signingKey": secret("The `privateKey` of a `porch:build:SigningKey`; devices know its public half."),
    });
    let mut properties = inputs.clone();
    for (name, property) in [
        (
            "sourceHash",
            text("Hash of everything that goes into the package; another one means another build."),
        ),
        ("version", text("Version of the package, greater for dpkg than the one published before.")),
        ("key", text("Key of the package, `PREFIX/ARCHITECTURE/porch-doorbell_VERSION_ARCHITECTURE.deb`.")),
        ("manifestKey", text("Key of the signed manifest, `PREFIX/ARCHITECTURE/latest.json`.")),
        ("sha256", text("SHA-256 of the package, 64 hexadecimal digits.")),
        ("sizeBytes", json!({ "type": "integer", "description": "Size of the package in bytes." })),
    ] {
        properties[name] = property;
    }
    json!({
        "description": "The daemon at the door as a Debian package, built from its sources, signed and uploaded.",
        "inputProperties": inputs,
        "requiredInputs": ["architecture", "bucket", "region", "prefix", "signingKey"],
        "properties": properties,
        "required": [
            "architecture", "bucket", "region", "prefix", "signingKey", "sourceHash", "version", "key",
            "manifestKey", "sha256", "sizeBytes",
        ],
    })
}

fn signing_key() -> Value {
    json!({
        "description": "A pair of Ed25519 keys, made once and kept in the stack's state.",
        "inputProperties": {},
        "requiredInputs": [],
        "properties": {
            "publicKey": text("The public key, 32 bytes in base64: what devices are set up with."),
            "privateKey": secret("The private key, PKCS#8 in base64."),
        },
        "required": ["publicKey", "privateKey"],
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
        for token in [FUNCTION_IMAGE, DEVICE_PACKAGE, SIGNING_KEY, SKILL, SKILL_ENDPOINT] {
            let resource = &schema()["resources"][token];
            for (list, object) in [("requiredInputs", "inputProperties"), ("required", "properties")] {
                for name in resource[list].as_array().unwrap() {
                    let property = &resource[object][name.as_str().unwrap()];
                    assert!(property["type"].is_string(), "{token} {name}");
                }
            }
        }
    }
}
