//! What the service asks of a resource, whichever it is.

use std::ops::Deref;
use std::sync::Arc;

use crate::device_package::{DevicePackage, DevicePackageError};
use crate::function_image::{FunctionImage, FunctionImageError};
use crate::inputs::Wrong;
use crate::property::{Properties, Property};
use crate::schema;
use crate::settings::Settings;
use crate::signing_key::{SigningKey, SigningKeyError};
use crate::task::Task;

/// One type of resource: what may be asked about each of its kind, by inputs or state alone.
#[tonic::async_trait]
pub(crate) trait Resource: Send + Sync {
    /// Inputs whose change takes another one in its place.
    fn replaces(&self) -> &'static [&'static str];

    /// What is known of one only when it is made.
    fn outputs(&self) -> &'static [&'static str];

    /// The inputs, with what the provider adds to them, and what is wrong with them.
    async fn check(&self, given: Properties, task: &Task) -> Result<(Properties, Vec<Wrong>), ResourceError>;

    /// Makes it, or makes it anew, and gives its state.
    async fn make(&self, inputs: Properties, task: &Task) -> Result<Properties, ResourceError>;

    /// Whether it still is as its state says.
    async fn exists(&self, state: &Properties) -> Result<bool, ResourceError>;

    /// Takes it away; no error if it is gone already.
    async fn delete(&self, state: &Properties, task: &Task) -> Result<(), ResourceError>;

    /// What `make` will answer, as far as it is known before anything is made.
    fn preview(&self, mut inputs: Properties) -> Properties {
        for name in self.outputs() {
            inputs.insert((*name).to_owned(), Property::Unknown);
        }
        inputs
    }
}

/// A type of resource, whichever it is.
#[derive(Clone)]
pub(crate) struct AnyResource(Arc<dyn Resource>);

impl Deref for AnyResource {
    type Target = dyn Resource;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// All types of resources.
pub(crate) struct Resources {
    function_image: AnyResource,
    device_package: AnyResource,
    signing_key: AnyResource,
}

impl Resources {
    pub(crate) fn new(settings: Settings) -> Self {
        let Settings { project, cache, profile, environment, access, clock, .. } = settings;
        Self {
            function_image: AnyResource(Arc::new(FunctionImage {
                project: project.clone(),
                cache,
                profile,
                environment: environment.clone(),
                access: access.clone(),
            })),
            device_package: AnyResource(Arc::new(DevicePackage { project, environment, access, clock })),
            signing_key: AnyResource(Arc::new(SigningKey)),
        }
    }

    /// The type that a program calls `token`.
    pub(crate) fn find(&self, token: &str) -> Option<AnyResource> {
        let found = match token {
            schema::FUNCTION_IMAGE => &self.function_image,
            schema::DEVICE_PACKAGE => &self.device_package,
            schema::SIGNING_KEY => &self.signing_key,
            _ => return None,
        };
        Some(found.clone())
    }
}

/// Why a resource is not what it should be, in words for whoever runs Pulumi.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResourceError {
    #[error(transparent)]
    FunctionImage(#[from] FunctionImageError),
    #[error(transparent)]
    DevicePackage(#[from] DevicePackageError),
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
}

impl ResourceError {
    /// Whether it ended because somebody asked for that.
    pub(crate) fn is_cancelled(&self) -> bool {
        match self {
            Self::FunctionImage(error) => error.is_cancelled(),
            Self::DevicePackage(error) => error.is_cancelled(),
            Self::SigningKey(_) => false,
        }
    }
}
