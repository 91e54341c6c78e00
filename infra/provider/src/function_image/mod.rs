//! `porch:build:FunctionImage`: the container image of a function, from its sources to its digest in a registry.

mod build;
mod error;
mod inputs;

use std::path::PathBuf;

use crate::access::Access;
use crate::architecture::Architecture;
use crate::crates::Crates;
use crate::function::{self, Profile};
use crate::image;
use crate::inputs::{Folder, SOURCE_HASH, Wrong};
use crate::property::{Properties, Property};
use crate::registry::{Ecr, RegistryError, Repository};
use crate::resource::{Existing, Resource, ResourceError, name};
use crate::source_hash::Sources;
use crate::tailscaled;
use crate::task::Task;
use crate::tools::{Environment, rust_version};
pub use build::{BuildError, Built, Recipe, build};
pub(crate) use error::FunctionImageError;
use inputs::{Inputs, REPOSITORY_URL};

const DIGEST: &str = "digest";
const IMAGE_URI: &str = "imageUri";
const TAG: &str = "tag";
const SIZE_BYTES: &str = "sizeBytes";

/// Makes, finds and removes images for the program in one project folder.
#[derive(Debug)]
pub(crate) struct FunctionImage {
    /// The project's folder; paths in inputs are relative to it.
    pub(crate) project: PathBuf,
    /// Where built tools are kept.
    pub(crate) cache: PathBuf,
    pub(crate) profile: Profile,
    pub(crate) environment: Environment,
    pub(crate) access: Access,
}

/// An image that is in its repository.
struct Pushed {
    digest: String,
    tag: String,
    size: usize,
}

#[tonic::async_trait]
impl Resource for FunctionImage {
    fn replaces(&self) -> &'static [&'static str] {
        &[REPOSITORY_URL]
    }

    fn outputs(&self) -> &'static [&'static str] {
        &[DIGEST, IMAGE_URI, TAG, SIZE_BYTES]
    }

    /// Adds the hash of the sources.
    async fn check(
        &self,
        mut given: Properties,
        task: &Task,
    ) -> Result<(Properties, Vec<Wrong>), ResourceError> {
        let inputs = match Inputs::read(&given, &self.project) {
            Ok(inputs) => inputs,
            Err(wrong) => return Ok((given, wrong)),
        };
        let source_hash = match (&inputs.function, inputs.architecture, &inputs.tailscaled) {
            (Some(function), Some(architecture), Some(tailscaled)) => {
                Property::Text(self.hash(function, architecture, tailscaled.as_ref(), task).await?)
            }
            _ => Property::Unknown,
        };
        given.insert(SOURCE_HASH.to_owned(), source_hash);
        Ok((given, Vec::new()))
    }

    async fn create(&self, urn: &str, inputs: Properties, task: &Task) -> Result<Existing, ResourceError> {
        let state = self.build_and_push(inputs.clone(), task).await?;
        Ok(Existing { id: name(urn).to_owned(), inputs, state })
    }

    async fn update(
        &self,
        _: Existing,
        inputs: Properties,
        task: &Task,
    ) -> Result<Properties, ResourceError> {
        Ok(self.build_and_push(inputs, task).await?)
    }

    async fn read(&self, known: Existing, _: &Task) -> Result<Option<Existing>, ResourceError> {
        let (repository, digest) = pushed(&known.state)?;
        match Ecr::new(&self.access, &repository).await.tags(digest).await {
            Ok(tags) => Ok(tags.map(|_| known)),
            Err(RegistryError::NoRepository { .. }) => Ok(None),
            Err(error) => Err(FunctionImageError::from(error).into()),
        }
    }

    async fn delete(&self, old: Existing, task: &Task) -> Result<(), ResourceError> {
        let (repository, digest) = pushed(&old.state)?;
        task.status(format!("removing it from {repository}"));
        let removed = Ecr::new(&self.access, &repository).await.delete(digest).await;
        Ok(removed.map_err(FunctionImageError::from)?)
    }
}

impl FunctionImage {
    async fn hash(
        &self,
        function: &Folder,
        architecture: Architecture,
        tailscaled: Option<&Folder>,
        task: &Task,
    ) -> Result<String, FunctionImageError> {
        let module = tailscaled.map(|folder| folder.path.as_path());
        let go = async {
            match module {
                Some(module) => tailscaled::go_version(module, &self.environment, task).await,
                None => Ok(String::new()),
            }
        };
        let (crates, rust, go) = tokio::try_join!(
            async { Ok(Crates::read(&function.path, &self.environment, task).await?) },
            async { Ok(rust_version(&function.path, None, &self.environment, task).await?) },
            async { Ok::<_, FunctionImageError>(go.await?) },
        )?;
        let recipe = format!("{} {} {}", image::RECIPE, function::RECIPE, tailscaled::RECIPE);
        let sources = Sources {
            crates: &crates,
            profiles: self.profile.profiles(),
            settings: &[
                ("recipe", &recipe),
                ("roots", &image::roots_pem()),
                ("architecture", architecture.name()),
                ("rust", &rust),
                ("go", &go),
            ],
            tailscaled: module,
        };
        Ok(sources.hash()?)
    }

    async fn build_and_push(
        &self,
        inputs: Properties,
        task: &Task,
    ) -> Result<Properties, FunctionImageError> {
        let read = Inputs::read(&inputs, &self.project).map_err(FunctionImageError::Wrong)?;
        let (Some(function), Some(architecture), Some(repository), Some(tailscaled)) =
            (read.function, read.architecture, read.repository, read.tailscaled)
        else {
            return Err(FunctionImageError::Unknown);
        };
        let registry = Ecr::new(&self.access, &repository).await;
        let login = registry.login().await?;
        let recipe = Recipe {
            function: &function.path,
            tailscaled: tailscaled.as_ref().map(|folder| folder.path.as_path()),
            architecture,
            profile: self.profile,
            cache: &self.cache,
        };
        let image = build::assemble(recipe, &self.environment, task).await?;
        registry.push(&image, &login, task).await?;
        let pushed = Pushed { tag: image.tag(), size: image.size(), digest: image.digest };
        Ok(outputs(inputs, &repository, pushed))
    }
}

/// The image's state: its inputs and where it is. The address is a secret if the repository's is one.
fn outputs(mut inputs: Properties, repository: &Repository, pushed: Pushed) -> Properties {
    let uri = format!("{}@{}", repository.url(), pushed.digest);
    inputs.insert(IMAGE_URI.to_owned(), Property::Text(uri).hidden_if(repository.is_secret()));
    inputs.insert(DIGEST.to_owned(), Property::Text(pushed.digest));
    inputs.insert(TAG.to_owned(), Property::Text(pushed.tag));
    // Exact: Pulumi has no other number, and no image comes near 2^53 bytes.
    inputs.insert(SIZE_BYTES.to_owned(), Property::Number(pushed.size as f64));
    inputs
}

/// Where an image is, from its state.
fn pushed(state: &Properties) -> Result<(Repository, &str), FunctionImageError> {
    let text = |name: &str| match state.get(name).map(Property::revealed) {
        Some((Property::Text(text), secret)) => Some((text.as_str(), secret)),
        _ => None,
    };
    let repository = text(REPOSITORY_URL).and_then(|(url, secret)| Repository::parse(url, secret).ok());
    match (repository, text(DIGEST)) {
        (Some(repository), Some((digest, _))) => Ok((repository, digest)),
        _ => Err(FunctionImageError::NoState),
    }
}
