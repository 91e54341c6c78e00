//! Where packages are published: put there, looked for and removed.

use std::time::{Duration, SystemTime};

use aws::s3::Bucket;
use aws::{CallError, Class, Client, Credentials, Service};
use aws_credential_types::provider::ProvideCredentials;
use bytes::Bytes;
use http_client::{Kept, told};
use package::{MANIFEST_LIMIT, Manifest, Sha256};

use super::inputs::Target;
use crate::access::Access;
use crate::task::Task;

/// As a package is called on the internet (IANA, media types).
const PACKAGE_TYPE: &str = "application/vnd.debian.binary-package";
const MANIFEST_TYPE: &str = "application/json";

/// How often something is asked that fails for a reason that passes, and how long is waited in between.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(100);

/// What S3 says of credentials that were good once, or never (Amazon S3, "List of error codes").
const NOT_LOGGED_IN: [&str; 4] =
    ["ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch"];

/// Why the bucket did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BucketError {
    #[error(
        "not logged in to AWS; log in with `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, and run pulumi again\n{reason}"
    )]
    NotLoggedIn { reason: String },
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    #[error(
        "there is no bucket {bucket} in {region}; create it first, with a resource that this one takes it from"
    )]
    NoBucket { bucket: String, region: String },
    #[error("{what} in bucket {bucket}: {reason}; `pulumi up` goes on from here")]
    Refused { bucket: String, what: String, reason: String },
    #[error("{what} was cancelled")]
    Cancelled { what: String },
}

/// The place of one architecture's packages in a bucket.
pub(super) struct Shelf<'a> {
    target: &'a Target,
    bucket: Bucket,
    task: &'a Task,
}

impl<'a> Shelf<'a> {
    /// Prepares calls with the user's credentials; nothing is sent to the bucket yet.
    pub(super) async fn new(
        target: &'a Target,
        access: &Access,
        clock: fn() -> SystemTime,
        task: &'a Task,
    ) -> Result<Self, BucketError> {
        let config = access.config(target.region.as_str()).await;
        let provider = config.credentials_provider();
        let provider = provider.ok_or_else(|| BucketError::NotLoggedIn { reason: String::new() })?;
        let found = provider.provide_credentials().await;
        let found = found.map_err(|error| BucketError::NotLoggedIn { reason: told(&error) })?;
        let endpoint = access.s3_endpoint.as_ref().and_then(|url| url.as_str().parse().ok());
        let access = aws::Access {
            region: target.region.clone(),
            credentials: Credentials {
                access_key_id: found.access_key_id().to_owned(),
                secret_access_key: found.secret_access_key().into(),
                session_token: found.session_token().map(Into::into),
            },
            endpoints: endpoint.map(|endpoint| (Service::S3, endpoint)).into_iter().collect(),
        };
        let client = Client::new(access, Kept::Not, clock).map_err(|error| BucketError::Tls(told(&error)))?;
        Ok(Self { target, bucket: Bucket::new(client, target.bucket.clone()), task })
    }

    /// The manifest that is there, if it is one of this key. Asked before a build, it also says whether there is such a
    /// bucket, and whether it may be read.
    pub(super) async fn latest(&self) -> Result<Option<Manifest>, BucketError> {
        let key = self.target.place.manifest_key();
        let read = || async {
            match self.bucket.get(&key, MANIFEST_LIMIT).await {
                Ok(found) => Ok(Some(found)),
                Err(CallError::Absent(_) | CallError::Oversized { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let found = self.ask(format!("reading {key}"), read).await?;
        let public_key = self.target.signing_key.public_key();
        Ok(found.and_then(|found| public_key.open(&found, self.target.place.architecture).ok()))
    }

    /// Publishes a package: its manifest comes last, so that nobody is told of what is not there.
    pub(super) async fn publish(
        &self,
        package: Bytes,
        manifest: &Manifest,
        signed: String,
    ) -> Result<(), BucketError> {
        let megabytes = package.len() as f64 / 1e6;
        self.task.status(format!("uploading {megabytes:.1} MB to {}", self.bucket.name().as_str()));
        self.put(&manifest.key, PACKAGE_TYPE, package).await?;
        self.put(&self.target.place.manifest_key(), MANIFEST_TYPE, signed.into()).await
    }

    /// Makes an old version of the package that another one has replaced, for the bucket to keep as long as it keeps
    /// those. That it could not be is no failure, since the other one is published.
    pub(super) async fn retire(&self, key: &str) {
        if let Err(error) = self.ask(format!("removing {key}"), || self.bucket.remove(key)).await {
            self.task.line(format!("what was published before stays: {error}"));
        }
    }

    async fn put(&self, key: &str, content_type: &str, object: Bytes) -> Result<(), BucketError> {
        let put = || self.bucket.put(key, content_type, object.clone());
        self.ask(format!("writing {key}"), put).await
    }

    /// Whether this package is there, and is the latest.
    pub(super) async fn has(&self, key: &str, sha256: Sha256) -> Result<bool, BucketError> {
        let latest = match self.latest().await {
            Ok(latest) => latest.filter(|latest| latest.key == key && latest.sha256 == sha256),
            Err(BucketError::NoBucket { .. }) => None,
            Err(error) => return Err(error),
        };
        let Some(latest) = latest else { return Ok(false) };
        let head = self.ask(format!("looking at {key}"), || self.bucket.head(key)).await?;
        Ok(head.is_some_and(|head| {
            head.size == latest.size && head.sha256.is_none_or(|found| sha256 == found.into())
        }))
    }

    /// Removes everything that was published here, with all versions; the manifest first, so that nobody is told of what
    /// is not there.
    pub(super) async fn clear(&self) -> Result<(), BucketError> {
        let place = &self.target.place;
        for prefix in [place.manifest_key(), place.package_prefix()] {
            let what = format!("removing {prefix}");
            self.task.status(what.clone());
            match self.ask(what, || self.bucket.remove_all(&prefix)).await {
                Ok(_) => (),
                Err(BucketError::NoBucket { .. }) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Asks, and once more when the reason against it passes; all that is asked here may be asked twice.
    async fn ask<T, F: Future<Output = Result<T, CallError>> + Send>(
        &self,
        what: String,
        call: impl Fn() -> F + Send,
    ) -> Result<T, BucketError> {
        let mut tries = 1;
        loop {
            let ended = tokio::select! {
                ended = call() => ended,
                () = self.task.cancelled() => return Err(BucketError::Cancelled { what }),
            };
            match ended {
                Ok(answer) => return Ok(answer),
                Err(error) if error.class() == Class::Passing && tries < TRIES => {
                    tracing::debug!("{what}, try {tries}: {}", told(&error));
                    tokio::time::sleep(PAUSE * 2_u32.pow(tries)).await;
                    tries += 1;
                }
                Err(error) => return Err(self.refused(what, &error)),
            }
        }
    }

    fn refused(&self, what: String, error: &CallError) -> BucketError {
        let (bucket, reason) = (self.target.bucket.as_str().to_owned(), told(error));
        let kind = if let CallError::Refused { kind, .. } = error { kind.as_str() } else { "" };
        if kind == "NoSuchBucket" {
            BucketError::NoBucket { bucket, region: self.target.region.as_str().to_owned() }
        } else if NOT_LOGGED_IN.contains(&kind) {
            BucketError::NotLoggedIn { reason }
        } else {
            BucketError::Refused { bucket, what, reason }
        }
    }
}
