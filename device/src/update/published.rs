//! What the stack has published, fetched with the keys of this machine.

use std::time::{Duration, SystemTime};

use aws::s3::{Bucket, BucketName};
use aws::{Client, Region, ssm};
use bytes::Bytes;
use http_client::Kept;
use package::{Architecture, MANIFEST_LIMIT, Manifest, PACKAGE_LIMIT, PublicKey};
use secrecy::ExposeSecret;
use serde::Deserialize;
use tokio::time::timeout;

use super::error::UpdateError;
use crate::settings::Settings;

/// Longest time for the manifest, with the parameter before it.
const MANIFEST_TIME: Duration = Duration::from_secs(30);

/// Longest time for a package: 3 MB at 100 kbit/s.
const PACKAGE_TIME: Duration = Duration::from_secs(240);

/// What is published.
#[derive(Debug)]
pub struct Published {
    aws: Client,
    /// The parameter that says where.
    parameter: String,
    key: PublicKey,
}

/// What the parameter says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    bucket: String,
    region: String,
    manifest_key: String,
}

impl Published {
    /// What the stack of `settings` has published and signed with the other half of `key`; nothing is asked yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: &Settings, key: PublicKey) -> Result<Self, UpdateError> {
        let access = settings.aws.access.clone();
        let aws = Client::new(access, Kept::Not, SystemTime::now).map_err(UpdateError::Tls)?;
        Ok(Self { aws, parameter: format!("{}/package", settings.aws.parameters), key })
    }

    /// The manifest of the newest package for this architecture.
    pub(super) async fn latest(&self, architecture: Architecture) -> Result<Manifest, UpdateError> {
        const WHAT: &str = "the manifest";
        let fetch = async {
            let (bucket, key) = self.place().await?;
            let manifest = bucket.get(&key, MANIFEST_LIMIT).await;
            manifest.map_err(|source| UpdateError::Fetch { what: WHAT, source })
        };
        let manifest = in_time(MANIFEST_TIME, WHAT, fetch).await?;
        self.key.open(&manifest, architecture).map_err(UpdateError::Refused)
    }

    /// The package of `manifest`.
    pub(super) async fn package(&self, manifest: &Manifest) -> Result<Bytes, UpdateError> {
        const WHAT: &str = "the package";
        if manifest.size > PACKAGE_LIMIT {
            return Err(UpdateError::TooLarge(manifest.size));
        }
        let fetch = async {
            let (bucket, _) = self.place().await?;
            let package = bucket.get(&manifest.key, manifest.size).await;
            package.map_err(|source| UpdateError::Fetch { what: WHAT, source })
        };
        let package = in_time(PACKAGE_TIME, WHAT, fetch).await?;
        manifest.check(&package).map_err(UpdateError::NotThePackage)?;
        Ok(package)
    }

    async fn place(&self) -> Result<(Bucket, String), UpdateError> {
        let values = ssm::get_parameters(&self.aws, &[&self.parameter]).await.map_err(UpdateError::Place)?;
        let place = values.first().and_then(|value| read(value.expose_secret()));
        let (name, region, key) = place.ok_or_else(|| UpdateError::WrongPlace(self.parameter.clone()))?;
        Ok((Bucket::new(self.aws.in_region(region), name), key))
    }
}

fn read(text: &str) -> Option<(BucketName, Region, String)> {
    let place: Place = serde_json::from_str(text).ok()?;
    Some((BucketName::parse(&place.bucket)?, Region::parse(&place.region)?, place.manifest_key))
}

async fn in_time<T>(
    limit: Duration,
    what: &'static str,
    fetch: impl Future<Output = Result<T, UpdateError>>,
) -> Result<T, UpdateError> {
    let late = |_| Err(UpdateError::Late { what, limit_s: limit.as_secs() });
    timeout(limit, fetch).await.unwrap_or_else(late)
}
