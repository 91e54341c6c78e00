//! `porch:alexa:Skill`: a smart home skill in a developer's account, without the functions that answer it.

mod inputs;
mod orphan;

use std::sync::Arc;

use secrecy::ExposeSecret;
use smapi::{Client, Document, MessagingCredentials, SkillId, SmapiError, VendorId};

use super::manifest::{built, change, settled, skill_id};
use super::{Account, AlexaError};
use crate::inputs::{MANIFEST_HASH, Wrong};
use crate::property::{Properties, Property};
use crate::resource::{Existing, Resource, ResourceError};
use crate::task::Task;
use inputs::{EVENTS, Inputs, VENDOR_ID, inputs_of, manifest_hash};

const SKILL_ID: &str = "skillId";
const MESSAGING_CLIENT_ID: &str = "messagingClientId";
const MESSAGING_CLIENT_SECRET: &str = "messagingClientSecret";

/// Makes, changes, finds and deletes skills in one account.
#[derive(Debug)]
pub(crate) struct Skill {
    pub(crate) account: Arc<Account>,
}

#[tonic::async_trait]
impl Resource for Skill {
    /// Amazon moves no skill from one vendor to another.
    fn replaces(&self) -> &'static [&'static str] {
        &[VENDOR_ID]
    }

    fn outputs(&self) -> &'static [&'static str] {
        &[SKILL_ID, MESSAGING_CLIENT_ID, MESSAGING_CLIENT_SECRET]
    }

    /// Adds the hash of all that the manifest is to say.
    async fn check(
        &self,
        mut given: Properties,
        _: &Task,
    ) -> Result<(Properties, Vec<Wrong>), ResourceError> {
        let inputs = match Inputs::read(&given) {
            Ok(inputs) => inputs,
            Err(wrong) => return Ok((given, wrong)),
        };
        let hash = inputs.manifest().map(|manifest| Property::Text(manifest_hash(&manifest)));
        given.insert(MANIFEST_HASH.to_owned(), hash.unwrap_or(Property::Unknown));
        given.entry(EVENTS.to_owned()).or_insert(Property::Bool(false));
        Ok((given, Vec::new()))
    }

    async fn create(&self, urn: &str, inputs: Properties, task: &Task) -> Result<Existing, ResourceError> {
        let read = Inputs::read(&inputs).map_err(AlexaError::Wrong)?;
        let skill = self.make(urn, &read, task).await?;
        let client = self.account.skills()?;
        if let Err(AlexaError::Smapi(refused @ SmapiError::BuildFailed { .. })) =
            built(&client, &skill, task).await
        {
            // Nothing has come of it that could be put right later.
            client.delete_skill(&skill).await.map_err(AlexaError::from)?;
            return Err(AlexaError::from(refused).into());
        }
        // From here on there is one, so that the state has to have it, whatever becomes of it.
        let mut made = Existing { id: skill.to_string(), state: state(&inputs, &skill, None), inputs };
        match self.finish(&skill, &read, task).await {
            Ok(credentials) => {
                made.state = state(&made.inputs, &skill, credentials.as_ref());
                Ok(made)
            }
            Err(error) => Err(ResourceError::Unfinished(Box::new(made), Box::new(error.into()))),
        }
    }

    async fn update(
        &self,
        old: Existing,
        inputs: Properties,
        task: &Task,
    ) -> Result<Properties, ResourceError> {
        let skill = skill_id(&old.id)?;
        let read = Inputs::read(&inputs).map_err(AlexaError::Wrong)?;
        let credentials = self.finish(&skill, &read, task).await?;
        Ok(state(&inputs, &skill, credentials.as_ref()))
    }

    async fn read(&self, known: Existing, _: &Task) -> Result<Option<Existing>, ResourceError> {
        Ok(self.find(known).await?)
    }

    async fn delete(&self, old: Existing, task: &Task) -> Result<(), ResourceError> {
        Ok(self.remove(&skill_id(&old.id)?, task).await?)
    }

    fn preview_create(&self, inputs: Properties) -> Properties {
        self.preview_update(&Existing::default(), inputs)
    }

    /// An id stays, and so do credentials; they come only with events.
    fn preview_update(&self, old: &Existing, mut inputs: Properties) -> Properties {
        let events = inputs.get(EVENTS).map(|events| events.revealed().0.clone());
        let credentials = events != Some(Property::Bool(false));
        let names = self.outputs().iter().filter(|name| credentials || **name == SKILL_ID);
        for name in names {
            let value = old.state.get(*name).cloned().unwrap_or(Property::Unknown);
            inputs.insert((*name).to_owned(), value);
        }
        inputs
    }
}

impl Skill {
    /// A new skill of these inputs, or the one that an earlier attempt has left behind.
    async fn make(&self, urn: &str, inputs: &Inputs, task: &Task) -> Result<SkillId, AlexaError> {
        let (Some(vendor), Some(manifest)) = (&inputs.vendor, inputs.manifest()) else {
            return Err(AlexaError::Unknown);
        };
        let client = self.account.skills()?;
        let document = Document::new(&manifest).with_testing_instructions(&orphan::mark(urn));
        task.status("looking for what an earlier attempt has left behind");
        if let Some(skill) = orphan::find(&client, vendor, &document, task).await? {
            task.line(format!("goes on with {skill}, which an earlier attempt has made"));
            return Ok(skill);
        }
        task.status("making a skill");
        match client.create_skill(vendor, &document).await {
            Ok(skill) => Ok(skill),
            Err(error) if error.may_be_done() => {
                let left = orphan::find(&client, vendor, &document, task).await.unwrap_or_default();
                left.ok_or(AlexaError::Smapi(error))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Has the skill say what the inputs say, and gives what its events are sent with.
    async fn finish(
        &self,
        skill: &SkillId,
        inputs: &Inputs,
        task: &Task,
    ) -> Result<Option<MessagingCredentials>, AlexaError> {
        let (Some(manifest), Some(events)) = (inputs.manifest(), inputs.events) else {
            return Err(AlexaError::Unknown);
        };
        let client = self.account.skills()?;
        let is_good = settled(&client, skill, task).await?;
        change(&client, skill, task, !is_good, |found| found.with(&manifest)).await?;
        if !events {
            return Ok(None);
        }
        let credentials = client.credentials(skill).await?;
        credentials.ok_or_else(|| AlexaError::NoCredentials(skill.clone())).map(Some)
    }

    async fn find(&self, known: Existing) -> Result<Option<Existing>, AlexaError> {
        let (client, skill) = (self.account.skills()?, skill_id(&known.id)?);
        let Some((document, _)) = client.manifest(&skill).await? else { return Ok(None) };
        let vendor = match known.inputs.get(VENDOR_ID).map(Property::revealed) {
            Some((Property::Text(text), _)) => VendorId::parse(text).ok(),
            _ => None,
        };
        let vendor = match vendor {
            Some(vendor) => vendor,
            None => vendor_of(&client, &skill, &document).await?,
        };
        let inputs = inputs_of(&vendor, &document);
        let credentials = match inputs.get(EVENTS) {
            Some(Property::Bool(true)) => client.credentials(&skill).await?,
            _ => None,
        };
        Ok(Some(Existing { id: known.id, state: state(&inputs, &skill, credentials.as_ref()), inputs }))
    }

    async fn remove(&self, skill: &SkillId, task: &Task) -> Result<(), AlexaError> {
        let client = self.account.skills()?;
        task.status(format!("deleting {skill}"));
        match client.delete_skill(skill).await {
            // A build that is going on; what comes of it does not matter any more.
            Err(error) if error.is_conflict() => {
                settled(&client, skill, task).await?;
                Ok(client.delete_skill(skill).await?)
            }
            deleted => Ok(deleted?),
        }
    }
}

/// Which of the account's vendors has the skill: a skill does not tell, and Amazon's lists are by vendor.
async fn vendor_of(client: &Client, skill: &SkillId, found: &Document) -> Result<VendorId, AlexaError> {
    let names: Vec<String> = found.manifest().locales.into_values().map(|listing| listing.name).collect();
    let name = names.first().map(String::as_str).unwrap_or_default();
    for vendor in client.vendors().await? {
        if client.skills_named(&vendor.id, name).await?.iter().any(|listed| listed.skill_id == *skill) {
            return Ok(vendor.id);
        }
    }
    Err(AlexaError::NoVendor(skill.clone()))
}

/// All that is known of a skill.
fn state(inputs: &Properties, skill: &SkillId, credentials: Option<&MessagingCredentials>) -> Properties {
    let mut state = inputs.clone();
    state.insert(SKILL_ID.to_owned(), Property::Text(skill.to_string()));
    if let Some(MessagingCredentials { client_id, client_secret }) = credentials {
        let secret = Property::Text(client_secret.expose_secret().to_owned()).hidden_if(true);
        state.insert(MESSAGING_CLIENT_ID.to_owned(), Property::Text(client_id.clone()));
        state.insert(MESSAGING_CLIENT_SECRET.to_owned(), secret);
    }
    state
}
