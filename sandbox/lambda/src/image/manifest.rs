//! An image's manifest and configuration: only what running it needs, only the forms that Lambda takes.

use std::io::Read;

use flate2::bufread::GzDecoder;
use serde::Deserialize;

use super::digest::Digest;

/// Lambda's limit for an image, all layers unpacked, in bytes.
pub(super) const LARGEST_IMAGE: u64 = 10 << 30;

/// What `Accept` says when a manifest is asked for: the two forms that Lambda runs.
pub(super) const ACCEPTED: &str =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// A manifest, checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The image's configuration.
    pub configuration: Blob,
    /// From the lowest to the uppermost.
    pub layers: Vec<Layer>,
}

/// One layer.
#[derive(Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its bytes.
    pub blob: Blob,
    /// How they are packed.
    pub compression: Compression,
}

/// Something in the registry.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Blob {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// How a layer's tar archive is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// With gzip.
    Gzip,
}

/// What an image says about running it. Absent and null parts are empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ImageConfiguration {
    /// `amd64` or `arm64`.
    pub architecture: String,
    /// ENTRYPOINT.
    pub entry_point: Vec<String>,
    /// CMD.
    pub command: Vec<String>,
    /// WORKDIR.
    pub working_directory: String,
    /// ENV, as `NAME=value`.
    pub environment: Vec<String>,
}

/// An image that Lambda would not run.
#[derive(Debug, thiserror::Error)]
pub enum WrongManifest {
    /// Not the JSON of the image specification.
    #[error("manifest or configuration is not understood: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// An index, or a form that Lambda does not know.
    #[error(
        "media type `{0}` is not supported by Lambda: push a single manifest (OCI or Docker v2 schema 2), no index and no attestation"
    )]
    MediaType(String),
    /// A layer packed in a way that Lambda does not know.
    #[error("layer's media type `{0}` is not supported by Lambda: pack it with gzip")]
    LayerType(String),
    /// More than [`LARGEST_IMAGE`].
    #[error("its layers have {0} bytes, Lambda takes at most {LARGEST_IMAGE}")]
    TooLarge(u64),
}

impl Manifest {
    /// Reads a manifest; its media type is `declared` by the registry where it does not say so itself.
    pub fn read(bytes: &[u8], declared: &str) -> Result<Self, WrongManifest> {
        let typed: MediaTyped = serde_json::from_slice(bytes)?;
        let media_type = typed.media_type.as_deref().unwrap_or(declared);
        if !ACCEPTED.split(", ").any(|accepted| accepted == media_type) {
            return Err(WrongManifest::MediaType(media_type.to_owned()));
        }
        let found: RawManifest = serde_json::from_slice(bytes)?;
        let layers: Vec<Layer> = found.layers.into_iter().map(RawLayer::check).collect::<Result<_, _>>()?;
        let size = layers.iter().map(|layer| layer.blob.size).fold(0, u64::saturating_add);
        if size > LARGEST_IMAGE {
            return Err(WrongManifest::TooLarge(size));
        }
        Ok(Self { configuration: found.config, layers })
    }
}

impl ImageConfiguration {
    /// Reads an image's configuration.
    pub fn read(bytes: &[u8]) -> Result<Self, WrongManifest> {
        let RawConfiguration { architecture, config } = serde_json::from_slice(bytes)?;
        let config = config.unwrap_or_default();
        Ok(Self {
            architecture,
            entry_point: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            working_directory: config.working_dir.unwrap_or_default(),
            environment: config.env.unwrap_or_default(),
        })
    }
}

impl Compression {
    /// The tar archive inside `packed`.
    pub fn reader<'a>(self, packed: impl std::io::BufRead + 'a) -> Box<dyn Read + 'a> {
        match self {
            Self::None => Box::new(packed),
            Self::Gzip => Box::new(GzDecoder::new(packed)),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MediaTyped {
    media_type: Option<String>,
}

#[derive(Deserialize)]
struct RawManifest {
    config: Blob,
    layers: Vec<RawLayer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLayer {
    media_type: String,
    #[serde(flatten)]
    blob: Blob,
}

impl RawLayer {
    fn check(self) -> Result<Layer, WrongManifest> {
        let compression = match self.media_type.as_str() {
            "application/vnd.oci.image.layer.v1.tar+gzip"
            | "application/vnd.docker.image.rootfs.diff.tar.gzip" => Compression::Gzip,
            "application/vnd.oci.image.layer.v1.tar" => Compression::None,
            _ => return Err(WrongManifest::LayerType(self.media_type)),
        };
        Ok(Layer { blob: self.blob, compression })
    }
}

#[derive(Deserialize)]
struct RawConfiguration {
    architecture: String,
    config: Option<RunConfiguration>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RunConfiguration {
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    working_dir: Option<String>,
    env: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = include_str!("../../tests/fixtures/manifest.json");
    const CONFIGURATION: &str = include_str!("../../tests/fixtures/image-config.json");
    const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

    #[test]
    fn a_single_manifest_is_read_with_its_layers_in_order() {
        let manifest = Manifest::read(MANIFEST.as_bytes(), OCI).unwrap();
        assert_eq!(manifest.configuration.size, 320);
        assert_eq!(manifest.layers.len(), 1);
        assert_eq!(manifest.layers[0].compression, Compression::Gzip);
    }

    #[test]
    fn the_media_type_that_the_registry_declares_counts_when_the_manifest_has_none() {
        let bare = MANIFEST.replace(&format!("\"mediaType\": \"{OCI}\","), "");
        assert_ne!(bare, MANIFEST);
        assert!(Manifest::read(bare.as_bytes(), OCI).is_ok());
        let error = Manifest::read(bare.as_bytes(), "text/html").unwrap_err().to_string();
        assert!(error.contains("`text/html` is not supported"), "{error}");
    }

    #[test]
    fn an_index_is_refused_as_lambda_does() {
        let index =
            r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
        let error = Manifest::read(index.as_bytes(), OCI).unwrap_err().to_string();
        assert!(error.contains("push a single manifest"), "{error}");
    }

    #[test]
    fn a_layer_packed_with_zstd_is_refused() {
        let zstd = MANIFEST.replace("tar+gzip", "tar+zstd");
        let error = Manifest::read(zstd.as_bytes(), OCI).unwrap_err().to_string();
        assert!(error.contains("pack it with gzip"), "{error}");
    }

    #[test]
    fn the_configuration_says_what_runs_and_nulls_are_nothing() {
        let read = ImageConfiguration::read(CONFIGURATION.as_bytes()).unwrap();
        assert_eq!(read.entry_point, ["/var/task/bootstrap"]);
        assert_eq!((read.architecture.as_str(), read.working_directory.as_str()), ("amd64", "/var/task"));
        let nulls = r#"{"architecture":"arm64","os":"linux","config":{"Cmd":null,"Env":null}}"#;
        let wanted = ImageConfiguration { architecture: "arm64".to_owned(), ..Default::default() };
        assert_eq!(ImageConfiguration::read(nulls.as_bytes()).unwrap(), wanted);
    }
}
