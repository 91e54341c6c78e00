//! ECR: where function images are kept.

use serde::Serialize;

use super::VERSION;
use crate::template::{Handle, Json, Reference, Resource, Text};

/// A private registry for the images of one name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Repository {
    /// Name in the account's registry, lower case.
    pub name: Text,
    /// Whether a tag can be moved to another image.
    pub image_tag_mutability: TagMutability,
    /// When images are searched for known vulnerabilities.
    pub image_scanning_configuration: ImageScanning,
    /// Whether deleting the repository deletes the images in it, or is refused while there are some.
    pub force_delete: bool,
}

impl Resource for Repository {
    const TYPE: &'static str = "aws:ecr/repository:Repository";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<Repository> {
    /// Name in the account's registry.
    pub fn name(&self) -> Reference {
        self.property("name")
    }

    /// Address to push to, `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`.
    pub fn url(&self) -> Reference {
        self.property("repositoryUrl")
    }
}

/// Whether a tag can be moved to another image.
#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TagMutability {
    /// A tag means the same image for ever.
    Immutable,
}

/// When images are searched for known vulnerabilities.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageScanning {
    /// As soon as an image is pushed.
    pub scan_on_push: bool,
}

/// What a repository throws away by itself.
#[derive(Debug, Serialize)]
pub struct LifecyclePolicy {
    /// Name of the repository.
    pub repository: Text,
    /// The rules.
    pub policy: Json<Lifecycle>,
}

impl Resource for LifecyclePolicy {
    const TYPE: &'static str = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// The document of a [`LifecyclePolicy`], in ECR's own words.
#[derive(Debug, Serialize)]
pub struct Lifecycle {
    /// Each with a priority of its own.
    pub rules: Vec<LifecycleRule>,
}

/// Says which images to throw away.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecycleRule {
    /// The rule of the smallest priority is applied first.
    pub rule_priority: u32,
    /// For people.
    pub description: Text,
    /// Which images.
    pub selection: LifecycleSelection,
    /// What becomes of them.
    pub action: LifecycleAction,
}

/// Which images a rule is about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "countType")]
pub enum LifecycleSelection {
    /// Those pushed before the newest `count_number`.
    #[serde(rename_all = "camelCase")]
    ImageCountMoreThan {
        /// Which images count.
        tag_status: TagStatus,
        /// How many stay.
        count_number: u32,
    },
}

/// Images by their tags.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TagStatus {
    /// With a tag or without.
    Any,
}

/// What becomes of the images of a rule.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum LifecycleAction {
    /// Deleted within a day.
    Expire,
}
