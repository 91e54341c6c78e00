//! A container image without a container engine: layers, configuration and manifest as bytes in memory.
//!
//! `FROM scratch`, one platform, no index and no attestation, because Lambda takes only a single manifest. The
//! same contents give the same digest: times, owners, order and compression are fixed.

mod oci_archive;
mod roots;

use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::architecture::Architecture;
use crate::archive::{Archive, Compression, gzip};
use crate::hex::hex;
pub(crate) use roots::roots_pem;

/// Rises when the way an image is put together changes its digest.
pub(crate) const RECIPE: u32 = 1;

/// The beginning of time, for every date in an image.
const EPOCH: &str = "1970-01-01T00:00:00Z";

pub(crate) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// What goes into an image.
pub(crate) struct Contents {
    pub(crate) architecture: Architecture,
    /// The function's binary, at `/var/task/bootstrap`.
    pub(crate) function: Vec<u8>,
    /// `tailscaled`, at `/usr/bin/tailscaled`, when the function uses it.
    pub(crate) tailscaled: Option<Vec<u8>>,
    pub(crate) compression: Compression,
}

/// Bytes that a registry keeps under their digest.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    pub(crate) digest: String,
    pub(crate) data: Bytes,
    media_type: &'static str,
}

/// An image, ready to be pushed.
#[derive(Debug)]
pub(crate) struct Image {
    /// Digest of the manifest, which is the image's own: `sha256:` and 64 hexadecimal digits.
    pub(crate) digest: String,
    pub(crate) manifest: Bytes,
    /// The layers, lowest first, then the configuration.
    pub(crate) blobs: Vec<Blob>,
}

impl Image {
    /// Puts an image together. What seldom changes is the lower layer, so that a new function uploads little.
    pub(crate) fn assemble(contents: &Contents) -> std::io::Result<Self> {
        let mut below = Archive::new(0);
        below.folder("etc")?.folder("etc/ssl")?.folder("etc/ssl/certs")?;
        below.file("etc/ssl/certs/ca-certificates.crt", 0o644, roots_pem().as_bytes())?;
        below.shared_folder("tmp")?;
        if let Some(tailscaled) = &contents.tailscaled {
            below.folder("usr")?.folder("usr/bin")?.file("usr/bin/tailscaled", 0o755, tailscaled)?;
        }
        let mut above = Archive::new(0);
        above.folder("var")?.folder("var/task")?;
        above.file("var/task/bootstrap", 0o755, &contents.function)?;

        let layers = [Layer::of(below, contents.compression)?, Layer::of(above, contents.compression)?];
        let config =
            Config::of(contents.architecture, layers.iter().map(|layer| layer.diff_id.as_str()).collect());
        let mut blobs: Vec<Blob> =
            layers.iter().map(|layer| Blob::new(LAYER_TYPE, layer.compressed.clone())).collect();
        let config = Blob::new(CONFIG_TYPE, json(&config)?);
        let manifest = json(&Manifest {
            schema_version: 2,
            media_type: MANIFEST_TYPE,
            config: Descriptor::of(&config),
            layers: blobs.iter().map(Descriptor::of).collect(),
        })?;
        blobs.push(config);
        Ok(Self { digest: sha256(&manifest), manifest, blobs })
    }

    /// The tag it is pushed with. It follows from the digest, so that an immutable tag never names something else.
    pub(crate) fn tag(&self) -> String {
        self.digest.trim_start_matches("sha256:").chars().take(16).collect()
    }

    /// Enough of the digest for people.
    pub(crate) fn short_digest(&self) -> &str {
        &self.digest["sha256:".len()..][..12]
    }

    /// What a registry stores and Lambda loads: compressed layers and configuration.
    pub(crate) fn size(&self) -> usize {
        self.blobs.iter().map(|blob| blob.data.len()).sum()
    }
}

/// A layer as a registry stores it.
struct Layer {
    /// Digest of the tar archive itself, as an image configuration lists it.
    diff_id: String,
    compressed: Bytes,
}

impl Layer {
    fn of(archive: Archive, compression: Compression) -> std::io::Result<Self> {
        let tar = archive.finish()?;
        Ok(Self { diff_id: sha256(&tar), compressed: gzip(&tar, compression)?.into() })
    }
}

impl Blob {
    fn new(media_type: &'static str, data: Bytes) -> Self {
        Self { digest: sha256(&data), data, media_type }
    }
}

/// OCI image configuration. Structs and not maps, so that the order of the fields is fixed.
#[derive(Serialize)]
struct Config<'a> {
    architecture: &'a str,
    os: &'a str,
    created: &'a str,
    config: Process<'a>,
    rootfs: RootFs<'a>,
    history: Vec<History<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Process<'a> {
    entrypoint: [&'a str; 1],
    env: [&'a str; 1],
    working_dir: &'a str,
}

#[derive(Serialize)]
struct RootFs<'a> {
    r#type: &'a str,
    diff_ids: Vec<&'a str>,
}

#[derive(Serialize)]
struct History<'a> {
    created: &'a str,
    created_by: &'a str,
}

impl<'a> Config<'a> {
    fn of(architecture: Architecture, diff_ids: Vec<&'a str>) -> Self {
        let history = diff_ids.iter().map(|_| History { created: EPOCH, created_by: "porch" }).collect();
        Self {
            architecture: architecture.go(),
            os: "linux",
            created: EPOCH,
            config: Process {
                entrypoint: ["/var/task/bootstrap"],
                env: ["PATH=/usr/bin"],
                working_dir: "/var/task",
            },
            rootfs: RootFs { r#type: "layers", diff_ids },
            history,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u8,
    media_type: &'a str,
    config: Descriptor<'a>,
    layers: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    media_type: &'a str,
    digest: &'a str,
    size: usize,
}

impl<'a> Descriptor<'a> {
    fn of(blob: &'a Blob) -> Self {
        Self { media_type: blob.media_type, digest: &blob.digest, size: blob.data.len() }
    }
}

fn json(value: &impl Serialize) -> std::io::Result<Bytes> {
    Ok(serde_json::to_vec(value)?.into())
}

fn sha256(data: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(data)))
}

#[cfg(test)]
mod tests;
