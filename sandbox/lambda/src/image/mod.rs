//! Images: pulled by digest and verified, unpacked once per digest into the state folder.

mod digest;
mod layer;
mod manifest;
mod reference;
mod registry;

use std::fs;
use std::io::{self, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::emulator::{Emulator, EmulatorError};
use crate::function::Architecture;

pub use digest::{Digest, WrongDigest};
pub use layer::LayerError;
pub use manifest::{ImageConfiguration, WrongManifest};
pub use reference::{ImageReference, WrongReference};
pub use registry::{Registry, RegistryError};

/// Where the root file system is, inside an image's folder.
const ROOT: &str = "root";
/// Where the image's configuration is, inside an image's folder.
const CONFIGURATION: &str = "config.json";
/// Start of the name of a folder that is still being filled.
const UNFINISHED: &str = ".unfinished-";

/// An unpacked image.
pub struct Image {
    /// Its root file system; shared by all environments, so never written to.
    pub root: PathBuf,
    /// What it says about running it.
    pub configuration: ImageConfiguration,
}

/// Why an image cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The emulator gave no access to its registry.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// The registry did not answer with what was asked for.
    #[error("image {image}: {source}")]
    Registry {
        /// Repository and digest.
        image: ImageReference,
        /// What went wrong.
        source: RegistryError,
    },
    /// The image is none that Lambda runs.
    #[error("image {image}: {source}")]
    Manifest {
        /// Repository and digest.
        image: ImageReference,
        /// What is wrong.
        source: WrongManifest,
    },
    /// The image, the function and this machine do not agree.
    #[error(
        "image {image} is built for {built_for}, the function for {function}, this machine is {host}: build and deploy it for {host}"
    )]
    Architecture {
        /// Repository and digest.
        image: ImageReference,
        /// As the image's configuration says.
        built_for: String,
        /// As the function's configuration says.
        function: Architecture,
        /// This machine.
        host: String,
    },
    /// A layer could not be unpacked.
    #[error("image {image}: {source}")]
    Layer {
        /// Repository and digest.
        image: ImageReference,
        /// What went wrong.
        source: LayerError,
    },
    /// The state folder could not be written.
    #[error("cannot keep an image in `{folder}`: {source}; see that the disk has room")]
    Store {
        /// The folder of images.
        folder: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// The folder of unpacked images.
pub struct Images {
    folder: PathBuf,
}

impl Images {
    /// Opens the folder, and removes what an earlier run left unfinished.
    pub fn open(state: &Path) -> io::Result<Self> {
        let folder = state.join("images");
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(Self { folder })
    }

    /// The image, pulled and unpacked when it is not there yet.
    pub async fn get(
        &self,
        emulator: &Emulator,
        image: &ImageReference,
        function: Architecture,
    ) -> Result<Image, ImageError> {
        let folder = self.folder.join(image.digest.as_folder());
        if !folder.is_dir() {
            self.pull(emulator, image, function, &folder).await?;
        }
        let text = fs::read(folder.join(CONFIGURATION)).map_err(|source| self.failed(source))?;
        let configuration = ImageConfiguration::read(&text)
            .map_err(|source| ImageError::Manifest { image: image.clone(), source })?;
        check_architecture(image, &configuration, function)?;
        Ok(Image { root: folder.join(ROOT), configuration })
    }

    /// Everything happens in a folder beside the final one, renamed when complete and removed when not.
    async fn pull(
        &self,
        emulator: &Emulator,
        image: &ImageReference,
        function: Architecture,
        finished: &Path,
    ) -> Result<(), ImageError> {
        let unfinished = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempdir_in(&self.folder)
            .map_err(|source| self.failed(source))?;
        let registry = emulator.registry().await?;
        let refused = |source| ImageError::Registry { image: image.clone(), source };
        let manifest = registry.manifest(image).await.map_err(refused)?;
        let configuration = registry.small_blob(image, &manifest.configuration).await.map_err(refused)?;
        let wrong = |source| ImageError::Manifest { image: image.clone(), source };
        check_architecture(image, &ImageConfiguration::read(&configuration).map_err(wrong)?, function)?;
        let mut layers = Vec::new();
        for (number, layer) in manifest.layers.iter().enumerate() {
            let file = unfinished.path().join(format!("layer-{number}"));
            registry.blob_to_file(image, &layer.blob, &file).await.map_err(refused)?;
            layers.push((file, layer.compression));
        }
        let folder = unfinished.path().to_owned();
        let unpacked = tokio::task::spawn_blocking(move || unpack(&folder, &layers, &configuration)).await;
        match unpacked.map_err(io::Error::other) {
            Ok(Ok(())) => {}
            Ok(Err(source)) => return Err(ImageError::Layer { image: image.clone(), source }),
            Err(source) => return Err(self.failed(source)),
        }
        match fs::rename(unfinished.path(), finished) {
            // Two functions of one image may be pulled at once: the first to finish serves both.
            Err(_) if finished.is_dir() => Ok(()),
            other => other.map_err(|source| self.failed(source)),
        }
    }

    fn failed(&self, source: io::Error) -> ImageError {
        ImageError::Store { folder: self.folder.clone(), source }
    }
}

fn check_architecture(
    image: &ImageReference,
    configuration: &ImageConfiguration,
    function: Architecture,
) -> Result<(), ImageError> {
    let host = Architecture::host();
    if host == Some(function) && configuration.architecture == function.in_image() {
        return Ok(());
    }
    Err(ImageError::Architecture {
        image: image.clone(),
        built_for: configuration.architecture.clone(),
        function,
        host: host.map_or_else(|| std::env::consts::ARCH.to_owned(), |host| host.to_string()),
    })
}

fn unpack(
    folder: &Path,
    layers: &[(PathBuf, manifest::Compression)],
    configuration: &[u8],
) -> Result<(), LayerError> {
    let root = folder.join(ROOT);
    fs::create_dir(&root)?;
    // The function may run as another user than the runner: the root folder must be open to it.
    fs::set_permissions(&root, fs::Permissions::from_mode(0o755))?;
    let mut unpacker = layer::Unpacker::new(&root)?;
    for (file, compression) in layers {
        unpacker.apply(|| Ok(compression.reader(BufReader::new(fs::File::open(file)?))))?;
        fs::remove_file(file)?;
    }
    unpacker.finish()?;
    crate::environment::mount_points::prepare(&root)?;
    fs::write(folder.join(CONFIGURATION), configuration)?;
    Ok(())
}
