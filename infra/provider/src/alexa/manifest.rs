//! A skill's manifest: changed only where it has to be, and followed until Amazon has made a skill of it.

use smapi::{Client, Document, SkillId, SmapiError};

use super::AlexaError;
use crate::task::Task;

/// How often a change is tried again because somebody else was changing the same skill.
const RACES: usize = 1;

/// Has `change` done to the manifest and waits for its build. A manifest that is so already is not given again, unless
/// `again` says so.
pub(super) async fn change(
    client: &Client,
    skill: &SkillId,
    task: &Task,
    again: bool,
    change: impl Fn(&Document) -> Document,
) -> Result<(), AlexaError> {
    let mut races = 0;
    loop {
        let Some((found, mark)) = client.manifest(skill).await? else {
            return Err(AlexaError::NoSkill(skill.clone()));
        };
        let wanted = change(&found);
        if wanted == found && !again {
            return Ok(());
        }
        task.status("giving amazon another manifest");
        match client.update_manifest(skill, &wanted, mark.as_ref()).await {
            Ok(()) => return built(client, skill, task).await,
            Err(error) if error.is_outdated() && races < RACES => {}
            Err(error) if error.is_conflict() && races < RACES => drop(settled(client, skill, task).await?),
            Err(error) => return Err(error.into()),
        }
        races += 1;
    }
}

/// Waits until Amazon builds nothing any more, and tells whether it liked what it was given last. What is wrong with that
/// is for whoever gave it.
pub(super) async fn settled(client: &Client, skill: &SkillId, task: &Task) -> Result<bool, AlexaError> {
    match built(client, skill, task).await {
        Ok(()) => Ok(true),
        Err(AlexaError::Smapi(SmapiError::BuildFailed { .. })) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Waits for the build of the manifest that Amazon was given last, and passes on what Amazon would like better.
pub(super) async fn built(client: &Client, skill: &SkillId, task: &Task) -> Result<(), AlexaError> {
    task.status("amazon checks the manifest");
    let mut progress = |building: &smapi::Building| task.status(building.to_string());
    let built = tokio::select! {
        built = client.await_build(skill, &mut progress) => built?,
        () = task.cancelled() => return Err(AlexaError::Cancelled),
    };
    for warning in built.warnings {
        task.warning(format!("amazon says of the manifest: {warning}"));
    }
    Ok(())
}

/// Reads a skill's id from what Pulumi knows the resource by.
pub(super) fn skill_id(id: &str) -> Result<SkillId, AlexaError> {
    SkillId::parse(id).map_err(|expected| AlexaError::NoId { id: id.to_owned(), expected })
}
