//! The `aws` provider plugin: the official one when the person has it, else the sandbox's stand-in with a schema
//! derived from the real SDK.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cache::{Entry, Key};
use crate::error::{Doing, Error, Result};
use crate::exports::quoted;
use crate::layout::{Layout, link, read_text, remove, write_executable_if_changed};
use crate::progress::Progress;
use crate::run::Run;
use crate::settings::{AwsPlugin, Settings};
use crate::tools::Tools;

const EXECUTABLE: &str = "pulumi-resource-aws";
const REQUIREMENTS: &str = "python/requirements.txt";

/// Which plugin the stacks use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AwsPluginInUse {
    /// The person's own installation of the official plugin.
    Official(PathBuf),
    /// The stand-in.
    StandIn,
}

/// Puts the plugin where Pulumi looks for it.
///
/// # Errors
/// When the schema cannot be derived, or the plugin's folder not written.
pub async fn set_up(
    settings: &Settings,
    layout: &Layout,
    tools: &Tools,
    progress: &Progress,
) -> Result<AwsPluginInUse> {
    let version = version(&read_text(&layout.source(REQUIREMENTS))?)?;
    let name = format!("resource-aws-v{version}");
    let place = layout.pulumi_home().join("plugins").join(&name);
    let official = settings.pulumi_plugins.join(&name);
    if settings.aws_plugin == AwsPlugin::Installed && official.join(EXECUTABLE).exists() {
        if !place.is_symlink() {
            remove(&layout.pulumi_home().join("schemas"))?;
        }
        link(&official, &place)?;
        return Ok(AwsPluginInUse::Official(official));
    }
    if place.is_symlink() {
        remove(&place)?;
        remove(&layout.pulumi_home().join("schemas"))?;
    }
    let schema = schema(settings, layout, tools, progress).await?;
    let provider = layout.source("aws/provider.py");
    let [python, provider, schema] =
        [tools.python.as_path(), &provider, &schema].map(|path| quoted(path.as_os_str()));
    // The engine keeps its copy of the schema for as long as that is newer than this file, so a changed schema has
    // to change the file: the schema's path holds the hash of all that it is derived from.
    let script =
        [b"#!/bin/sh\nexec ", &python[..], b" ", &provider, b" --schema ", &schema, b" \"$@\"\n"].concat();
    write_executable_if_changed(&place.join(EXECUTABLE), script)?;
    Ok(AwsPluginInUse::StandIn)
}

/// Derives the schema, once for each version of the SDK and of the derivation.
async fn schema(settings: &Settings, layout: &Layout, tools: &Tools, progress: &Progress) -> Result<PathBuf> {
    let source = layout.source("aws");
    let mut key = Key::new("schema 1").with_file(&layout.source(REQUIREMENTS))?;
    for folder in ["", "standin", "resources"] {
        for file in python_files(&source.join(folder))? {
            key = key.with_file(&file)?;
        }
    }
    let entry = Entry::new(&settings.cache, "aws-schema", &key);
    let file = entry.folder.join("aws.json");
    if entry.is_built() {
        entry.used()?;
        return Ok(file);
    }
    let derive = entry.build(async |folder| {
        let run = Run::new("derive the aws schema", &tools.python).args([source.join("schema.py")]);
        run.args(["--out"]).args([folder.join("aws.json")]).output().await.map(|_| ())
    });
    progress.step("derive the aws schema", Some(Duration::from_secs(3)), derive).await?;
    Ok(file)
}

fn python_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).doing(|| format!("read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    files.sort();
    Ok(files)
}

/// The SDK's version is the plugin's: both are made from the same release.
fn version(requirements: &str) -> Result<String> {
    requirements
        .lines()
        .find_map(|line| line.strip_prefix("pulumi-aws==").or_else(|| line.strip_prefix("pulumi_aws==")))
        .map(|rest| rest.split([' ', ';', '\\']).next().unwrap_or_default().to_string())
        .ok_or_else(|| Error::Answer(format!("sandbox/{REQUIREMENTS} does not pin pulumi_aws")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugin_s_version_is_the_pinned_sdk_s() {
        let requirements = "pulumi==3.259.0 \\\n    --hash=x\npulumi-aws==7.51.1 \\\n    --hash=y\n";
        assert_eq!(version(requirements).unwrap(), "7.51.1");
        assert!(version("pulumi==3.259.0").is_err());
    }
}
