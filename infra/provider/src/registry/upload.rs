//! Pushing over the OCI protocol: each blob the registry does not have, then the manifest under its tag.
//!
//! ECR takes Basic authentication, answers 201 to PATCH and leaves `Location` out of the answer to a manifest. So
//! blobs are sent whole in one PUT, which every registry takes.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::HeaderValue;
use oci_client::client::{Client, ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::secrets::RegistryAuth;
use oci_client::{Reference, RegistryOperation};
use secrecy::ExposeSecret;
use url::Url;

use super::{Login, RegistryError, Repository};
use crate::access::CONNECT_LIMIT;
use crate::image::{Blob, Image, MANIFEST_TYPE};
use crate::task::Task;

/// Twelve megabytes over a line of 100 kilobit per second.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// Bytes between two reports.
const STEP: usize = 256 * 1024;

/// Pushes `image` to `repository`, or to the same name at `emulator`.
pub(super) async fn upload(
    repository: &Repository,
    emulator: Option<&Url>,
    login: &Login,
    image: &Image,
    task: &Task,
) -> Result<(), RegistryError> {
    let push = Push::new(repository, emulator, image, task)?;
    tokio::select! {
        done = tokio::time::timeout(LIMIT, push.run(login)) => done.unwrap_or_else(|_| {
            Err(RegistryError::TooLong { repository: repository.to_string(), minutes: LIMIT.as_secs() / 60 })
        }),
        () = task.cancelled() => Err(RegistryError::Cancelled { repository: repository.to_string() }),
    }
}

struct Push<'a> {
    repository: &'a Repository,
    image: &'a Image,
    task: &'a Task,
    client: Client,
    reference: Reference,
}

impl<'a> Push<'a> {
    fn new(
        repository: &'a Repository,
        emulator: Option<&Url>,
        image: &'a Image,
        task: &'a Task,
    ) -> Result<Self, RegistryError> {
        let host = match emulator {
            Some(url) => url.authority().to_owned(),
            None => repository.host().to_owned(),
        };
        let protocol = match emulator {
            Some(url) if url.scheme() == "http" => ClientProtocol::HttpsExcept(vec![host.clone()]),
            Some(_) | None => ClientProtocol::Https,
        };
        let config = ClientConfig {
            protocol,
            use_monolithic_push: true,
            connect_timeout: Some(CONNECT_LIMIT),
            ..ClientConfig::default()
        };
        let client = Client::try_from(config)
            .map_err(|error| RegistryError::of_push("an HTTP client", repository, "", error))?;
        let reference = Reference::with_tag(host, repository.name().to_owned(), image.tag());
        Ok(Self { repository, image, task, client, reference })
    }

    async fn run(&self, login: &Login) -> Result<(), RegistryError> {
        let auth = RegistryAuth::Basic(login.user.clone(), login.password.expose_secret().to_owned());
        self.client
            .auth(&self.reference, &auth, RegistryOperation::Push)
            .await
            .map_err(|error| self.refused("the login", error))?;
        let absent = self.absent().await?;
        let to_send = absent.iter().map(|blob| blob.data.len()).sum();
        self.task.status(format!("pushing to {}", self.repository));
        let mut sent = 0;
        for blob in absent {
            self.send(blob, sent, to_send).await?;
            sent += blob.data.len();
        }
        self.client
            .push_manifest_raw(
                &self.reference,
                self.image.manifest.clone(),
                HeaderValue::from_static(MANIFEST_TYPE),
            )
            .await
            .map_err(|error| self.refused("the push of the manifest", error))?;
        let (size, sent) = (megabytes(self.image.size()), megabytes(sent));
        self.task.line(format!("pushed {} ({size}, {sent} of it new)", self.image.short_digest()));
        Ok(())
    }

    /// The blobs that the registry does not have.
    async fn absent(&self) -> Result<Vec<&'a Blob>, RegistryError> {
        let mut absent = Vec::new();
        for blob in &self.image.blobs {
            let there = self.client.blob_exists(&self.reference, &blob.digest).await;
            if !there.map_err(|error| self.refused(&format!("the push of {}", blob.digest), error))? {
                absent.push(blob);
            }
        }
        Ok(absent)
    }

    /// Sends one blob, in steps so that there is something to report: `before` bytes of `to_send` are sent already.
    async fn send(&self, blob: &Blob, before: usize, to_send: usize) -> Result<(), RegistryError> {
        let (task, data, size) = (self.task.clone(), blob.data.clone(), blob.data.len());
        let steps = (0..size).step_by(STEP).map(move |start| {
            task.detail(|| format!("pushing: {} of {} sent", megabytes(before + start), megabytes(to_send)));
            Ok::<Bytes, OciDistributionError>(data.slice(start..size.min(start + STEP)))
        });
        let sent = self
            .client
            .push_blob_stream(&self.reference, stream::iter(steps), &blob.digest, Some(size as u64))
            .await;
        sent.map(drop).map_err(|error| self.refused(&format!("the push of {}", blob.digest), error))
    }

    fn refused(&self, action: &str, error: OciDistributionError) -> RegistryError {
        RegistryError::of_push(action, self.repository, &self.image.tag(), error)
    }
}

fn megabytes(bytes: usize) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
