//! `porch:build:DevicePackage`: the daemon as a Debian package, from its sources to a bucket that devices read.
//!
//! Each publication has a version of its own, greater than the one before, and is named by a signed manifest. What was
//! published before becomes an old version in the bucket, which keeps it for as long as it is told to.

mod bucket;
mod build;
mod contents;
mod deb;
mod error;
mod inputs;
mod program;
#[cfg(test)]
mod tests;
mod toolchain;

use std::path::PathBuf;
use std::time::SystemTime;

use package::{Manifest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::access::Access;
use crate::inputs::{SOURCE_HASH, Wrong};
use crate::property::{Properties, Property};
use crate::resource::{Existing, Resource, ResourceError, name};
use crate::task::Task;
use crate::tools::Environment;
use bucket::Shelf;
use build::Plan;
pub use build::{BuildError, Built, build};
pub(crate) use error::DevicePackageError;
use inputs::{ARCHITECTURE, BUCKET, Inputs, PREFIX, SIGNING_KEY, Target};
pub use program::FEATURES;

/// Versions are of whole seconds.
const SECOND: Duration = Duration::SECOND;

const KEY: &str = "key";
const MANIFEST_KEY: &str = "manifestKey";
const VERSION: &str = "version";
const SHA256: &str = "sha256";
const SIZE_BYTES: &str = "sizeBytes";

/// Builds, publishes, finds and removes packages of the daemon in one project folder.
#[derive(Debug)]
pub(crate) struct DevicePackage {
    pub(crate) project: PathBuf,
    pub(crate) environment: Environment,
    pub(crate) access: Access,
    pub(crate) clock: fn() -> SystemTime,
}

#[tonic::async_trait]
impl Resource for DevicePackage {
    fn replaces(&self) -> &'static [&'static str] {
        &[ARCHITECTURE, BUCKET, PREFIX]
    }

    fn outputs(&self) -> &'static [&'static str] {
        &[KEY, MANIFEST_KEY, VERSION, SHA256, SIZE_BYTES]
    }

    /// Adds the hash of the sources.
    async fn check(
        &self,
        mut given: Properties,
        task: &Task,
    ) -> Result<(Properties, Vec<Wrong>), ResourceError> {
        let inputs = match Inputs::read(&given) {
            Ok(inputs) => inputs,
            Err(wrong) => return Ok((given, wrong)),
        };
        let source_hash = match inputs.architecture {
            Some(architecture) => {
                let plan = Plan::read(&self.project, architecture, &self.environment, task).await;
                Property::Text(plan.map_err(DevicePackageError::from)?.source_hash)
            }
            None => Property::Unknown,
        };
        given.insert(SOURCE_HASH.to_owned(), source_hash);
        // A secret, even if the program forgot to say so.
        given.entry(SIGNING_KEY.to_owned()).and_modify(|key| *key = key.revealed().0.clone().hidden_if(true));
        Ok((given, Vec::new()))
    }

    async fn create(&self, urn: &str, inputs: Properties, task: &Task) -> Result<Existing, ResourceError> {
        let state = self.build_and_publish(inputs.clone(), task).await?;
        Ok(Existing { id: name(urn).to_owned(), inputs, state })
    }

    async fn update(
        &self,
        _: Existing,
        inputs: Properties,
        task: &Task,
    ) -> Result<Properties, ResourceError> {
        Ok(self.build_and_publish(inputs, task).await?)
    }

    async fn read(&self, known: Existing, _: &Task) -> Result<Option<Existing>, ResourceError> {
        Ok(self.is_published(&known.state).await?.then_some(known))
    }

    async fn delete(&self, old: Existing, task: &Task) -> Result<(), ResourceError> {
        Ok(self.withdraw(&old.state, task).await?)
    }
}

impl DevicePackage {
    async fn build_and_publish(
        &self,
        mut inputs: Properties,
        task: &Task,
    ) -> Result<Properties, DevicePackageError> {
        let read = Inputs::read(&inputs).map_err(DevicePackageError::Wrong)?;
        let target = read.target().ok_or(DevicePackageError::Unknown)?;
        let architecture = target.place.architecture;
        let shelf = Shelf::new(&target, &self.access, self.clock, task).await?;
        let before = shelf.latest().await?;
        let plan = Plan::read(&self.project, architecture, &self.environment, task).await?;
        let published_at = date((self.clock)(), before.as_ref().map(|before| before.published_at));
        let Built { version, package, .. } = plan.build(published_at, &self.environment, task).await?;
        let manifest = Manifest {
            key: target.place.package_key(&version),
            version,
            architecture,
            sha256: Sha256::of(&package),
            size: package.len(),
            published_at,
        };
        let signed = target.signing_key.sign(&manifest)?;
        shelf.publish(package.into(), &manifest, signed).await?;
        if let Some(before) = before {
            shelf.retire(&before.key).await;
        }
        let megabytes = manifest.size as f64 / 1e6;
        task.line(format!("published {} for {architecture} ({megabytes:.1} MB)", manifest.version));
        let text = |text: String| Property::Text(text);
        inputs.insert(KEY.to_owned(), text(manifest.key));
        inputs.insert(MANIFEST_KEY.to_owned(), text(target.place.manifest_key()));
        inputs.insert(VERSION.to_owned(), text(manifest.version.to_string()));
        inputs.insert(SHA256.to_owned(), text(manifest.sha256.to_string()));
        // Exact: Pulumi has no other number, and no package comes near 2^53 bytes.
        inputs.insert(SIZE_BYTES.to_owned(), Property::Number(manifest.size as f64));
        Ok(inputs)
    }

    async fn is_published(&self, state: &Properties) -> Result<bool, DevicePackageError> {
        let (target, task) = (target(state)?, Task::silent());
        let text = |name: &str| match state.get(name).map(Property::revealed) {
            Some((Property::Text(text), _)) => Some(text.as_str()),
            _ => None,
        };
        let sha256 = text(SHA256).and_then(|text| text.parse().ok());
        let (Some(key), Some(sha256)) = (text(KEY), sha256) else { return Err(DevicePackageError::NoState) };
        let shelf = Shelf::new(&target, &self.access, self.clock, &task).await?;
        Ok(shelf.has(key, sha256).await?)
    }

    async fn withdraw(&self, state: &Properties, task: &Task) -> Result<(), DevicePackageError> {
        let target = target(state)?;
        Ok(Shelf::new(&target, &self.access, self.clock, task).await?.clear().await?)
    }
}

/// Where the package of a state is.
fn target(state: &Properties) -> Result<Target, DevicePackageError> {
    let outputs = [KEY, MANIFEST_KEY, VERSION, SHA256, SIZE_BYTES];
    let inputs = state.iter().filter(|(name, _)| !outputs.contains(&name.as_str()));
    let inputs = inputs.map(|(name, value)| (name.clone(), value.clone())).collect();
    Inputs::read(&inputs).ok().and_then(Inputs::target).ok_or(DevicePackageError::NoState)
}

/// When something is published: now, in whole seconds, but later than what was published before, should another machine's
/// clock have been ahead.
fn date(now: SystemTime, before: Option<OffsetDateTime>) -> OffsetDateTime {
    let now = OffsetDateTime::from(now).truncate_to_second();
    let next = before.and_then(|before| before.checked_add(SECOND));
    next.map_or(now, |next| next.max(now))
}
