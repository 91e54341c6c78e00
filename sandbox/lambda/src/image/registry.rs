//! Pulling from the registry: manifests and blobs by digest, checked as they arrive.

use std::io;
use std::path::Path;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Response};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use url::Url;

use super::digest::Digest;
use super::manifest::{ACCEPTED, Blob, Manifest, WrongManifest};
use super::reference::ImageReference;

/// Registries refuse manifests above 4 MB; image configurations are far smaller.
const LARGEST_DOCUMENT: u64 = 4 << 20;
/// How long one layer may take, from a registry on this machine.
const BLOB_DEADLINE: Duration = Duration::from_secs(300);

/// The emulator's registry, with the authorization that ECR gave.
pub struct Registry {
    /// Follows no redirect, so that the authorization goes nowhere else.
    pub client: Client,
    /// The emulator's address.
    pub emulator: Url,
    /// ECR's authorization token, for `Authorization: Basic`.
    pub token: SecretString,
}

/// Why something could not be pulled.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No answer, or one that broke off.
    #[error("pulling {what} broke off: {source}")]
    Broken {
        /// What was asked for.
        what: String,
        /// The client's answer.
        source: reqwest::Error,
    },
    /// Another status than 200.
    #[error("registry answered {status} to {what}; see that the image was pushed and not removed since")]
    Refused {
        /// What was asked for.
        what: String,
        /// HTTP status.
        status: u16,
    },
    /// More bytes than announced.
    #[error("{what} has more than the announced {limit} bytes")]
    TooLong {
        /// What was asked for.
        what: String,
        /// The announced size.
        limit: u64,
    },
    /// Other bytes than asked for.
    #[error("{what} arrived as {found}: the registry's copy is damaged, push the image again")]
    OtherDigest {
        /// What was asked for.
        what: String,
        /// What arrived.
        found: Digest,
    },
    /// The bytes are what was asked for, but no image for Lambda.
    #[error(transparent)]
    Manifest(#[from] WrongManifest),
    /// The layer could not be kept.
    #[error("cannot write {what}: {source}; see that the disk has room")]
    Write {
        /// What was being written.
        what: String,
        /// The system's answer.
        source: io::Error,
    },
}

impl Registry {
    /// The image's manifest.
    pub async fn manifest(&self, image: &ImageReference) -> Result<Manifest, RegistryError> {
        let what = format!("manifest {}", image.digest);
        let response = self.ask(image, "manifests", &image.digest, &what).await?;
        let declared = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let declared = declared.unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        receive(response, &image.digest, LARGEST_DOCUMENT, &what, &mut bytes).await?;
        Ok(Manifest::read(&bytes, &declared)?)
    }

    /// A blob that is a small document, like the image's configuration.
    pub async fn small_blob(&self, image: &ImageReference, blob: &Blob) -> Result<Vec<u8>, RegistryError> {
        let what = format!("blob {}", blob.digest);
        let response = self.ask(image, "blobs", &blob.digest, &what).await?;
        let mut bytes = Vec::new();
        receive(response, &blob.digest, blob.size.min(LARGEST_DOCUMENT), &what, &mut bytes).await?;
        Ok(bytes)
    }

    /// A blob of any size, into a new file; when this fails the file may be there in part.
    pub async fn blob_to_file(
        &self,
        image: &ImageReference,
        blob: &Blob,
        file: &Path,
    ) -> Result<(), RegistryError> {
        let what = format!("blob {}", blob.digest);
        let failed = |source| RegistryError::Write { what: what.clone(), source };
        let response = self.ask(image, "blobs", &blob.digest, &what).await?;
        let mut out = tokio::fs::File::create_new(file).await.map_err(failed)?;
        receive(response, &blob.digest, blob.size, &what, &mut out).await?;
        out.flush().await.map_err(failed)
    }

    async fn ask(
        &self,
        image: &ImageReference,
        kind: &str,
        digest: &Digest,
        what: &str,
    ) -> Result<Response, RegistryError> {
        let response = self
            .client
            .get(image.url(&self.emulator, kind, digest))
            .header(AUTHORIZATION, format!("Basic {}", self.token.expose_secret()))
            .header(ACCEPT, ACCEPTED)
            .timeout(BLOB_DEADLINE)
            .send()
            .await
            .map_err(|source| RegistryError::Broken { what: what.to_owned(), source })?;
        match response.status().as_u16() {
            200 => Ok(response),
            status => Err(RegistryError::Refused { what: what.to_owned(), status }),
        }
    }
}

/// Copies a response, and fails when it is not what was asked for.
async fn receive(
    mut response: Response,
    wanted: &Digest,
    limit: u64,
    what: &str,
    out: &mut (impl AsyncWrite + Unpin),
) -> Result<(), RegistryError> {
    let what = || what.to_owned();
    let (mut hash, mut size) = (Sha256::new(), 0);
    while let Some(chunk) =
        response.chunk().await.map_err(|source| RegistryError::Broken { what: what(), source })?
    {
        size += chunk.len() as u64;
        if size > limit {
            return Err(RegistryError::TooLong { what: what(), limit });
        }
        hash.update(&chunk);
        out.write_all(&chunk).await.map_err(|source| RegistryError::Write { what: what(), source })?;
    }
    let found = Digest::of(hash);
    if found == *wanted { Ok(()) } else { Err(RegistryError::OtherDigest { what: what(), found }) }
}
