//! The daemon's package: where it is published, and what a Raspberry Pi is told of it.

mod settings;

use serde::Serialize;

use crate::aws::iam::{Policy, Statement};
use crate::aws::s3::{
    AbortIncompleteMultipartUpload, Bucket, BucketLifecycleConfiguration, BucketPolicy,
    BucketPublicAccessBlock, BucketVersioning, Deletes, Expiration, LifecycleRule,
    NoncurrentVersionExpiration, Status, Versioning,
};
use crate::aws::ssm::{Parameter, ParameterKind};
use crate::porch::{DevicePackage, SigningKey};
use crate::template::{Handle, Json, Program, Reference, Text};
use crate::values::{Region, StackName};
pub use settings::{DebianArchitecture, DeviceSettings};

/// How the keys of all objects in the bucket begin, before a `/`.
const PREFIX: &str = "device";

/// What is published, for whoever may fetch it.
pub struct Published {
    /// ARN of every object that belongs to it.
    pub objects: Text,
    /// ARN of the parameter that says where it is.
    pub parameter: Text,
}

/// What the parameter says: enough to fetch what says which package is the newest.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    bucket: Text,
    region: &'static str,
    manifest_key: Text,
}

/// Bucket -> key to sign with -> package -> parameter -> outputs.
///
/// Every package can be built again from its commit, so that the bucket goes with what is in it. The key cannot be
/// made again: each Raspberry Pi believes the one that it was set up with, and no other.
pub fn declare(
    program: &mut Program,
    stack: &StackName,
    region: Region,
    settings: &DeviceSettings,
) -> Published {
    let (bucket, settled) = declare_bucket(program, stack, settings);
    let key = if settings.protect_signing_key {
        program.declare_protected("deviceSigningKey", &SigningKey {})
    } else {
        program.declare("deviceSigningKey", &SigningKey {})
    };
    let package = program.declare_after(
        "devicePackage",
        &DevicePackage {
            architecture: settings.architecture.name().into(),
            bucket: bucket.name().into(),
            region: region.name().into(),
            prefix: PREFIX.into(),
            signing_key: key.private_key().into(),
        },
        [settled],
    );
    let location = Location {
        bucket: bucket.name().into(),
        region: region.name(),
        manifest_key: package.manifest_key().into(),
    };
    let parameter = program.declare(
        "devicePackageParameter",
        &Parameter {
            name: stack.path("doorbell/package").into(),
            description: "Where the daemon's package is published".into(),
            kind: ParameterKind::String,
            value: Json(location),
        },
    );
    program.output("devicePackageBucket", bucket.name());
    program.output("devicePackageKey", package.key());
    program.output("devicePackageManifestKey", package.manifest_key());
    program.output("devicePackageSha256", package.sha256());
    program.output("devicePackageVersion", package.version());
    program.output("deviceSigningPublicKey", key.public_key());
    Published {
        objects: Text::from(bucket.arn()).then(format!("/{PREFIX}/*")),
        parameter: parameter.arn().into(),
    }
}

/// Bucket -> versions -> nothing public -> nothing without TLS -> what it deletes. Gives the bucket, and the last of its
/// settings.
///
/// One after the other, because S3 refuses two changes of a bucket's settings at once (`OperationAborted`).
fn declare_bucket(
    program: &mut Program,
    stack: &StackName,
    settings: &DeviceSettings,
) -> (Handle<Bucket>, Reference) {
    let bucket =
        program.declare_called("deviceBucket", stack.name("device"), &Bucket { force_destroy: true });
    let name = || Text::from(bucket.name());
    let versioning = program.declare(
        "deviceBucketVersioning",
        &BucketVersioning {
            bucket: name(),
            versioning_configuration: Versioning { status: Status::Enabled },
        },
    );
    let public_access = program.declare_after(
        "deviceBucketPublicAccess",
        &BucketPublicAccessBlock {
            bucket: name(),
            block_public_acls: true,
            block_public_policy: true,
            ignore_public_acls: true,
            restrict_public_buckets: true,
        },
        [versioning.itself()],
    );
    let everything = [Text::from(bucket.arn()), Text::from(bucket.arn()).then("/*")];
    let in_clear = Statement::deny_everybody(&["s3:*"], everything);
    let policy = program.declare_after(
        "deviceBucketPolicy",
        &BucketPolicy {
            bucket: name(),
            policy: Json(Policy::new([in_clear.when("Bool", "aws:SecureTransport", "false")])),
        },
        [public_access.itself()],
    );
    let lifecycle = program.declare_after(
        "deviceBucketLifecycle",
        &BucketLifecycleConfiguration {
            bucket: name(),
            rules: vec![
                LifecycleRule {
                    id: "old-versions",
                    status: Status::Enabled,
                    deletes: Deletes::OldVersions {
                        noncurrent_version_expiration: NoncurrentVersionExpiration {
                            noncurrent_days: settings.keep_old_days,
                        },
                        expiration: Expiration { expired_object_delete_marker: true },
                    },
                },
                LifecycleRule {
                    id: "uploads",
                    status: Status::Enabled,
                    deletes: Deletes::Uploads {
                        abort_incomplete_multipart_upload: AbortIncompleteMultipartUpload {
                            days_after_initiation: 1,
                        },
                    },
                },
            ],
        },
        [policy.itself()],
    );
    (bucket, lifecycle.itself())
}
