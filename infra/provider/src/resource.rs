//! What the service asks of a resource, whichever it is.

use std::ops::Deref;
use std::sync::Arc;

use crate::alexa::{Account, AlexaError, Skill, SkillEndpoint};
use crate::device_package::{DevicePackage, DevicePackageError};
use crate::function_image::{FunctionImage, FunctionImageError};
use crate::inputs::Wrong;
use crate::property::{Properties, Property};
use crate::schema;
use crate::settings::Settings;
use crate::signing_key::{SigningKey, SigningKeyError};
use crate::task::Task;

/// One type of resource: what may be asked about each of its kind.
#[tonic::async_trait]
pub(crate) trait Resource: Send + Sync {
    /// Inputs whose change takes another one in its place.
    fn replaces(&self) -> &'static [&'static str];

    /// What is known of one only when it is made.
    fn outputs(&self) -> &'static [&'static str];

    /// The inputs, with what the provider adds to them, and what is wrong with them.
    async fn check(&self, given: Properties, task: &Task) -> Result<(Properties, Vec<Wrong>), ResourceError>;

    /// Makes it for the resource `urn` of a program.
    async fn create(&self, urn: &str, inputs: Properties, task: &Task) -> Result<Existing, ResourceError>;

    /// Makes it as `inputs` say, and gives its new state.
    async fn update(
        &self,
        old: Existing,
        inputs: Properties,
        task: &Task,
    ) -> Result<Properties, ResourceError>;

    /// As it is now; none if it is gone. Of one that is imported nothing is known but its id.
    async fn read(&self, known: Existing, task: &Task) -> Result<Option<Existing>, ResourceError>;

    /// Takes it away; no error if it is gone already.
    async fn delete(&self, old: Existing, task: &Task) -> Result<(), ResourceError>;

    /// What `create` will answer, as far as it is known before anything is made.
    fn preview_create(&self, mut inputs: Properties) -> Properties {
        for name in self.outputs() {
            inputs.insert((*name).to_owned(), Property::Unknown);
        }
        inputs
    }

    /// The same for `update`.
    fn preview_update(&self, _: &Existing, inputs: Properties) -> Properties {
        self.preview_create(inputs)
    }
}

/// A resource that is there, as far as Pulumi's state tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Existing {
    /// What it is found by, for as long as it lives.
    pub(crate) id: String,
    /// What a program said of it.
    pub(crate) inputs: Properties,
    /// All that is known of it, the inputs too.
    pub(crate) state: Properties,
}

/// A resource's name in its program.
pub(crate) fn name(urn: &str) -> &str {
    urn.rsplit("::").next().unwrap_or(urn)
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
    skill: AnyResource,
    skill_endpoint: AnyResource,
    account: Arc<Account>,
}

impl Resources {
    pub(crate) fn new(settings: Settings) -> Self {
        let Settings { project, cache, profile, environment, access, clock, alexa, pace, .. } = settings;
        let account = Arc::new(Account::new(alexa, pace));
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
            skill: AnyResource(Arc::new(Skill { account: account.clone() })),
            skill_endpoint: AnyResource(Arc::new(SkillEndpoint { account: account.clone() })),
            account,
        }
    }

    /// Learns what the provider is configured with.
    pub(crate) fn configure(&self, given: &Properties) -> Result<(), ResourceError> {
        Ok(self.account.configure(given)?)
    }

    /// The type that a program calls `token`.
    pub(crate) fn find(&self, token: &str) -> Option<AnyResource> {
        let found = match token {
            schema::FUNCTION_IMAGE => &self.function_image,
            schema::DEVICE_PACKAGE => &self.device_package,
            schema::SIGNING_KEY => &self.signing_key,
            schema::SKILL => &self.skill,
            schema::SKILL_ENDPOINT => &self.skill_endpoint,
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
    #[error(transparent)]
    Alexa(#[from] AlexaError),
    /// It is there, and belongs into the state, but it is not what it should be yet.
    #[error("{1}")]
    Unfinished(Box<Existing>, #[source] Box<ResourceError>),
}

impl ResourceError {
    /// Whether it ended because somebody asked for that.
    pub(crate) fn is_cancelled(&self) -> bool {
        match self {
            Self::FunctionImage(error) => error.is_cancelled(),
            Self::DevicePackage(error) => error.is_cancelled(),
            Self::SigningKey(_) => false,
            Self::Alexa(error) => error.is_cancelled(),
            Self::Unfinished(_, error) => error.is_cancelled(),
        }
    }
}
