//! `porch:alexa:SkillEndpoint`: the functions that answer a skill, how its users link their accounts, and whether it is
//! enabled for the developer himself.

mod inputs;

use std::sync::Arc;
use std::time::Duration;

use smapi::{AccountLinking, Client, Document, Endpoints, SkillId};

use super::manifest::{change, skill_id};
use super::{Account, AlexaError};
use crate::inputs::Wrong;
use crate::property::{Properties, Property};
use crate::resource::{Existing, Resource, ResourceError};
use crate::task::Task;
use inputs::{ACCOUNT_LINKING, ENABLE, Inputs, SKILL_ID, hide_secret, inputs_of};

const ENABLED: &str = "enabled";

/// How often Amazon is told of a function whose permission it does not see yet, and the pause in between: a permission
/// that was made a moment ago takes seconds to be known everywhere.
const TRIES: usize = 4;
const PAUSE: Duration = Duration::from_secs(5);

const BY_HAND: &str = "enable it in the Alexa app (More, Skills & Games, Your Skills, Dev), where you link your account as well";

/// Wires skills of one account.
#[derive(Debug)]
pub(crate) struct SkillEndpoint {
    pub(crate) account: Arc<Account>,
}

/// The inputs, all of them known.
struct Wiring {
    skill: SkillId,
    endpoints: Endpoints,
    linking: Option<AccountLinking>,
    enable: bool,
}

#[tonic::async_trait]
impl Resource for SkillEndpoint {
    fn replaces(&self) -> &'static [&'static str] {
        &[SKILL_ID]
    }

    fn outputs(&self) -> &'static [&'static str] {
        &[ENABLED]
    }

    async fn check(
        &self,
        mut given: Properties,
        _: &Task,
    ) -> Result<(Properties, Vec<Wrong>), ResourceError> {
        hide_secret(&mut given);
        given.entry(ENABLE.to_owned()).or_insert(Property::Bool(false));
        let wrong = Inputs::read(&given).err().unwrap_or_default();
        Ok((given, wrong))
    }

    /// Does no harm to one that is there already: what is done is only ever what is not so yet.
    async fn create(&self, _: &str, inputs: Properties, task: &Task) -> Result<Existing, ResourceError> {
        let wiring = wiring(&inputs)?;
        let id = wiring.skill.to_string();
        let state = self.wire(wiring, &Properties::new(), &inputs, task).await?;
        Ok(Existing { id, inputs, state })
    }

    async fn update(
        &self,
        old: Existing,
        inputs: Properties,
        task: &Task,
    ) -> Result<Properties, ResourceError> {
        Ok(self.wire(wiring(&inputs)?, &old.state, &inputs, task).await?)
    }

    async fn read(&self, known: Existing, _: &Task) -> Result<Option<Existing>, ResourceError> {
        Ok(self.find(known).await?)
    }

    async fn delete(&self, old: Existing, task: &Task) -> Result<(), ResourceError> {
        Ok(self.unwire(&old, task).await?)
    }

    fn preview_update(&self, old: &Existing, mut inputs: Properties) -> Properties {
        let is_same = inputs.get(ENABLE) == old.state.get(ENABLE);
        let enabled = old.state.get(ENABLED).filter(|_| is_same).cloned();
        inputs.insert(ENABLED.to_owned(), enabled.unwrap_or(Property::Unknown));
        inputs
    }
}

impl SkillEndpoint {
    async fn wire(
        &self,
        wiring: Wiring,
        old: &Properties,
        inputs: &Properties,
        task: &Task,
    ) -> Result<Properties, AlexaError> {
        let Wiring { skill, endpoints, linking, enable } = wiring;
        let client = self.account.skills()?;
        self.connect(&client, &skill, &endpoints, task).await?;
        match &linking {
            Some(linking) => link(&client, &skill, linking, task).await?,
            None if old.contains_key(ACCOUNT_LINKING) => client.delete_account_linking(&skill).await?,
            None => {}
        }
        let enabled = match enable {
            true => self.enable(&client, &skill, task).await?,
            false => {
                if is_true(old, ENABLED) {
                    client.disable(&skill).await?;
                }
                false
            }
        };
        let mut state = inputs.clone();
        state.insert(ENABLED.to_owned(), Property::Bool(enabled));
        Ok(state)
    }

    /// Has the manifest name the functions.
    async fn connect(
        &self,
        client: &Client,
        skill: &SkillId,
        endpoints: &Endpoints,
        task: &Task,
    ) -> Result<(), AlexaError> {
        let mut tries = 0;
        loop {
            let named = |found: &Document| found.with_endpoints(Some(endpoints));
            tries += 1;
            match change(client, skill, task, false, named).await {
                Err(error) if error.is_untriggered() && tries < TRIES => {
                    task.status("amazon does not see the function's permission yet");
                    tokio::select! {
                        () = self.account.pause(PAUSE) => {}
                        () = task.cancelled() => return Err(AlexaError::Cancelled),
                    }
                }
                done => return done,
            }
        }
    }

    /// Whether it is enabled now. Amazon lets only a person enable a smart home skill, as far as is known.
    async fn enable(&self, client: &Client, skill: &SkillId, task: &Task) -> Result<bool, AlexaError> {
        task.status("enabling the skill");
        match client.enable(skill).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_not_ready() => {
                let is_enabled = client.enabled(skill).await?;
                if !is_enabled {
                    task.warning(format!("only a person can enable the skill: {BY_HAND}"));
                }
                Ok(is_enabled)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn find(&self, known: Existing) -> Result<Option<Existing>, AlexaError> {
        let (client, skill) = (self.account.skills()?, skill_id(&known.id)?);
        let Some((document, _)) = client.manifest(&skill).await? else { return Ok(None) };
        let Some(endpoints) = document.endpoints() else { return Ok(None) };
        let is_imported = known.inputs.is_empty();
        let linked = match is_imported || known.inputs.contains_key(ACCOUNT_LINKING) {
            true => client.account_linking(&skill).await?,
            false => None,
        };
        let enabled = client.enabled(&skill).await?;
        let mut inputs = inputs_of(&known.inputs, &skill, &endpoints, linked.as_ref());
        // Where it could not be enabled before, nothing has gone.
        let was_disabled = is_true(&known.state, ENABLED) && !enabled;
        if was_disabled || is_imported {
            inputs.insert(ENABLE.to_owned(), Property::Bool(enabled));
        }
        let mut state = inputs.clone();
        state.insert(ENABLED.to_owned(), Property::Bool(enabled));
        Ok(Some(Existing { id: known.id, inputs, state }))
    }

    /// Leaves the skill without any of it, if there still is one.
    async fn unwire(&self, old: &Existing, task: &Task) -> Result<(), AlexaError> {
        let (client, skill) = (self.account.skills()?, skill_id(&old.id)?);
        if is_true(&old.state, ENABLED) {
            client.disable(&skill).await?;
        }
        if old.state.contains_key(ACCOUNT_LINKING) {
            client.delete_account_linking(&skill).await?;
        }
        match change(&client, &skill, task, false, |found| found.with_endpoints(None)).await {
            Err(AlexaError::NoSkill(_)) => Ok(()),
            done => done,
        }
    }
}

/// Gives the skill this account linking, and looks whether it has it.
async fn link(
    client: &Client,
    skill: &SkillId,
    linking: &AccountLinking,
    task: &Task,
) -> Result<(), AlexaError> {
    task.status("setting the account linking");
    client.set_account_linking(skill, linking).await?;
    match client.account_linking(skill).await? {
        Some(linked) if linking.is(&linked) => Ok(()),
        _ => Err(AlexaError::OtherLinking(skill.clone())),
    }
}

fn wiring(inputs: &Properties) -> Result<Wiring, AlexaError> {
    let Inputs { skill, endpoints, linking, enable } = Inputs::read(inputs).map_err(AlexaError::Wrong)?;
    match (skill, endpoints, linking, enable) {
        (Some(skill), Some(endpoints), Some(linking), Some(enable)) => {
            Ok(Wiring { skill, endpoints, linking, enable })
        }
        _ => Err(AlexaError::Unknown),
    }
}

fn is_true(properties: &Properties, name: &str) -> bool {
    properties.get(name).map(Property::revealed) == Some((&Property::Bool(true), false))
}
