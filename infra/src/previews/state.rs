//! Pulumi's state, where the account keeps it itself: a bucket, and a key that encrypts the secrets in it.
//!
//! Which objects there are for a stack is what Pulumi's own backend for buckets says (its `pkg/backend/diy`). A preview
//! takes no lock there and writes nothing.

use super::settings::PreviewsSettings;
use crate::aws::iam::Statement;
use crate::template::Text;
use crate::values::{Expected, StackName};

/// Name of a bucket.
#[derive(Debug, PartialEq, Eq)]
pub struct StateBucket(String);

/// ARN of a key in AWS's key management.
#[derive(Debug, PartialEq, Eq)]
pub struct StateKey(String);

/// The project, as `Pulumi.yaml` has it.
const PROJECT: &str = "porch";

impl StateBucket {
    /// Reads a bucket's name, without `s3://`.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        if (3..=63).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err("a bucket's name without s3://: 3 to 63 lower-case letters, digits, - and .".to_owned())
    }
}

impl StateKey {
    /// Reads a key's ARN; an alias does not do, since policies are about keys.
    pub fn parse(text: &str) -> Result<Self, Expected> {
        let parts: Vec<&str> = text.split(':').collect();
        if let ["arn", "aws", "kms", region, account, key] = parts[..]
            && !region.is_empty()
            && region.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && key.strip_prefix("key/").is_some_and(is_key_id)
        {
            return Ok(Self(text.to_owned()));
        }
        Err("the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID; not of an alias".to_owned())
    }
}

fn is_key_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// What reads this stack's state, and no other's.
pub(super) fn reads(stack: &StackName, settings: &PreviewsSettings) -> Vec<Statement> {
    let objects = [
        ".pulumi/meta.yaml".to_owned(),
        format!(".pulumi/stacks/{PROJECT}/{stack}.json*"),
        format!(".pulumi/locks/organization/{PROJECT}/{stack}/*"),
    ];
    let mut statements = Vec::new();
    if let Some(bucket) = &settings.state_bucket {
        statements.push(Statement::allow(&["s3:ListBucket"], [bucket.arn()]));
        statements.push(Statement::allow(&["s3:GetObject"], objects.map(|object| bucket.object(&object))));
    }
    statements.extend(settings.state_key.iter().map(|key| Statement::allow(&["kms:Decrypt"], [key.arn()])));
    statements
}

/// What writes it.
pub(super) fn writes(stack: &StackName, settings: &PreviewsSettings) -> Vec<Statement> {
    let objects = [
        format!(".pulumi/stacks/{PROJECT}/{stack}.json*"),
        format!(".pulumi/history/{PROJECT}/{stack}/*"),
        format!(".pulumi/backups/{PROJECT}/{stack}/*"),
        format!(".pulumi/locks/organization/{PROJECT}/{stack}/*"),
    ];
    let objects_of = |bucket: &StateBucket| objects.clone().map(|object| bucket.object(&object));
    let bucket = settings.state_bucket.iter();
    let bucket =
        bucket.map(|bucket| Statement::allow(&["s3:PutObject", "s3:DeleteObject"], objects_of(bucket)));
    let key = settings.state_key.iter();
    let key = key.map(|key| Statement::allow(&["kms:Encrypt", "kms:GenerateDataKey"], [key.arn()]));
    bucket.chain(key).collect()
}

impl StateBucket {
    fn arn(&self) -> Text {
        format!("arn:aws:s3:::{}", self.0).into()
    }

    fn object(&self, key: &str) -> Text {
        format!("arn:aws:s3:::{}/{key}", self.0).into()
    }
}

impl StateKey {
    fn arn(&self) -> Text {
        self.0.as_str().into()
    }
}
