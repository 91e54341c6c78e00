//! The front door of the dev stack: its skill at Amazon, who has linked it, and the daemon that watches the button.

use crate::Sandbox;
use crate::amazon_driver::{AmazonDriver, SecurityProfile, Skill};
use crate::bell::{self, CUSTOMER};
use crate::error::{Error, Result};
use crate::lambda::Lambda;
use crate::parts::doorbell::{self, Pi};
use crate::progress::Progress;
use crate::pulumi::{Outputs, Stack};
use crate::secrets;
use crate::tools::Tools;

/// The doorbell's skill, as `Pulumi.dev.yaml` has it.
const SKILL: &str = "amzn1.ask.skill.00000000-0000-4000-8000-000000000001";
/// The skill's client, as `Pulumi.dev.yaml` has it.
const CLIENT: &str = "amzn1.application-oa2-client.sandbox";
/// By which customers link the skill.
const PROFILE: &str = "amzn1.application-oa2-client.linking";
/// The region of Amazon whose Lambda functions are in us-east-1.
const REGION: &str = "NA";

impl Sandbox {
    /// The doorbell's skill, its client's secret made at the first time.
    ///
    /// # Errors
    /// When the secret cannot be written.
    pub fn doorbell_skill(&self) -> Result<Skill> {
        let client_secret = secrets::made_once(&self.layout, "doorbell-client")?;
        Ok(Skill { id: SKILL.into(), client_id: CLIENT.into(), client_secret })
    }

    /// Has a customer at Amazon who has enabled the doorbell's skill, and links it through the function of `stack`.
    ///
    /// # Errors
    /// When Amazon or the function refuses.
    pub async fn link_doorbell(&self, stack: &Stack, lambda: &Lambda) -> Result<()> {
        let amazon = AmazonDriver::new()?;
        let skill = self.doorbell_skill()?;
        let client_secret = secrets::made_once(&self.layout, "linking-client")?;
        let profile = SecurityProfile { client_id: PROFILE.into(), client_secret };
        amazon.know_skill(&skill).await?;
        amazon.know_security_profile(&profile).await?;
        amazon.know_customer(CUSTOMER, REGION).await?;
        bell::link(lambda, &stack.doorbell_function(), &amazon, &skill, &profile).await
    }

    /// Has the daemon running, with the keys that `stack` made for it.
    ///
    /// # Errors
    /// When the stack made none, or the daemon does not come to watch its button.
    pub async fn start_doorbell(&self, stack: &Stack, tools: &Tools, progress: &Progress) -> Result<()> {
        let pi = self.pi(stack).await?;
        let part = doorbell::part(&self.settings, &self.layout, tools, &pi)?;
        part.ensure(&self.layout, progress).await.map(drop)
    }

    /// What `stack` made for the daemon.
    ///
    /// # Errors
    /// When it made nothing.
    pub async fn pi(&self, stack: &Stack) -> Result<Pi> {
        let outputs = stack.secret_outputs().await?;
        Ok(Pi {
            region: crate::exports::REGION.into(),
            parameters: text(&outputs, "doorbellParameters")?,
            access_key_id: text(&outputs, "doorbellAccessKeyId")?,
            secret_access_key: text(&outputs, "doorbellSecretAccessKey")?.into(),
        })
    }
}

fn text(outputs: &Outputs, name: &str) -> Result<String> {
    let text = outputs.get(name).and_then(|value| value.as_str());
    text.map(Into::into).ok_or_else(|| Error::Answer(format!("the stack has no output {name}")))
}
