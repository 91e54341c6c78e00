//! S3: buckets, and what each does with what is in it.
//!
//! Every bucket made since 2023 encrypts its objects and gives them all to its owner, so that neither is declared.

use serde::Serialize;

use super::VERSION;
use super::iam::Policy;
use crate::template::{Handle, Json, Reference, Resource, Text};

/// A bucket. No two in the world have one name, so Pulumi makes it: what it calls the resource, and seven digits.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    /// Whether deleting the bucket deletes what is in it, or is refused while there is something.
    pub force_destroy: bool,
}

impl Resource for Bucket {
    const TYPE: &'static str = "aws:s3/bucket:Bucket";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<Bucket> {
    /// Its name.
    pub fn name(&self) -> Reference {
        self.property("bucket")
    }

    /// ARN, for the policies of those who read what is in it.
    pub fn arn(&self) -> Reference {
        self.property("arn")
    }
}

/// Whether what is overwritten or deleted stays as an older version.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketVersioning {
    /// Name of the bucket.
    pub bucket: Text,
    /// Whether it does.
    pub versioning_configuration: Versioning,
}

impl Resource for BucketVersioning {
    const TYPE: &'static str = "aws:s3/bucketVersioning:BucketVersioning";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// Whether there are versions.
#[derive(Debug, Serialize)]
pub struct Versioning {
    /// It is so or not.
    pub status: Status,
}

/// Whether something is in force.
#[derive(Debug, Serialize)]
pub enum Status {
    /// It is.
    Enabled,
}

/// What nobody can make public, whatever other settings say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketPublicAccessBlock {
    /// Name of the bucket.
    pub bucket: Text,
    /// Refuse lists of who has access that let in everybody.
    pub block_public_acls: bool,
    /// Refuse policies that let in everybody.
    pub block_public_policy: bool,
    /// Do as if such lists were not there.
    pub ignore_public_acls: bool,
    /// Let nobody in by such policies.
    pub restrict_public_buckets: bool,
}

impl Resource for BucketPublicAccessBlock {
    const TYPE: &'static str = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// Who may do what, besides what users and roles are allowed to.
#[derive(Debug, Serialize)]
pub struct BucketPolicy {
    /// Name of the bucket.
    pub bucket: Text,
    /// The permissions and refusals.
    pub policy: Json<Policy>,
}

impl Resource for BucketPolicy {
    const TYPE: &'static str = "aws:s3/bucketPolicy:BucketPolicy";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// What a bucket deletes by itself.
#[derive(Debug, Serialize)]
pub struct BucketLifecycleConfiguration {
    /// Name of the bucket.
    pub bucket: Text,
    /// The rules, each about every object.
    pub rules: Vec<LifecycleRule>,
}

impl Resource for BucketLifecycleConfiguration {
    const TYPE: &'static str = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// One rule.
#[derive(Debug, Serialize)]
pub struct LifecycleRule {
    /// Its name among the bucket's rules.
    pub id: &'static str,
    /// Whether it is in force.
    pub status: Status,
    /// What it deletes.
    #[serde(flatten)]
    pub deletes: Deletes,
}

/// What a rule deletes.
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Deletes {
    /// Older versions, and the marks of what was deleted when no version is left.
    OldVersions {
        /// When a version goes.
        noncurrent_version_expiration: NoncurrentVersionExpiration,
        /// When a mark goes.
        expiration: Expiration,
    },
    /// The parts of what was never uploaded whole.
    Uploads {
        /// When they go.
        abort_incomplete_multipart_upload: AbortIncompleteMultipartUpload,
    },
}

/// When a version goes that is not the newest any more.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NoncurrentVersionExpiration {
    /// Days after it was overwritten or deleted.
    pub noncurrent_days: u32,
}

/// When what is newest goes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Expiration {
    /// As soon as it is nothing but the mark of a deletion.
    pub expired_object_delete_marker: bool,
}

/// When the parts of an upload go.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AbortIncompleteMultipartUpload {
    /// Days after it began.
    pub days_after_initiation: u32,
}
