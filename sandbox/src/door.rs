//! The front door of a stack: its skill at Amazon, who has linked it, and the daemon that watches the button.

use alexa::Region;
use smapi::FunctionArn;

use crate::Sandbox;
use crate::amazon_driver::AmazonDriver;
use crate::bell::{self, CUSTOMER};
use crate::developer::Developer;
use crate::error::{Error, Result};
use crate::household::Household;
use crate::lambda::Lambda;
use crate::parts::doorbell::{self, Pi};
use crate::progress::Progress;
use crate::pulumi::{Outputs, Stack};
use crate::tools::Tools;

impl Sandbox {
    /// Has a customer at Amazon, in the stack's region, who has enabled the doorbell's skill of `stack`, and links it through its function, with the
    /// security profile of `developer`.
    ///
    /// # Errors
    /// When the stack has no such skill, or Amazon or the function refuses.
    pub async fn link_doorbell(&self, stack: &Stack, lambda: &Lambda, developer: &Developer) -> Result<()> {
        let amazon = AmazonDriver::new()?;
        let outputs = stack.outputs().await?;
        let (skill, function) = (text(&outputs, "doorbellSkillId")?, text(&outputs, "doorbellFunctionName")?);
        amazon.know_customer(CUSTOMER, region(&outputs)?.code()).await?;
        bell::link(lambda, &function, &amazon, &skill, &developer.profile()).await
    }

    /// Has the daemon running, with the keys that `stack` made for it, telling nobody but Alexa.
    ///
    /// # Errors
    /// As for [`Self::start_doorbell_at`].
    pub async fn start_doorbell(&self, stack: &Stack, tools: &Tools, progress: &Progress) -> Result<()> {
        self.start_doorbell_at(&Household::default(), stack, tools, progress).await
    }

    /// Has the daemon running, with the keys that `stack` made for it, telling Alexa and `household`.
    ///
    /// # Errors
    /// When the stack made none, or the daemon does not come to watch its button.
    pub async fn start_doorbell_at(
        &self,
        household: &Household,
        stack: &Stack,
        tools: &Tools,
        progress: &Progress,
    ) -> Result<()> {
        let pi = self.pi(stack).await?;
        let part = doorbell::part(&self.settings, &self.layout, tools, &pi, household)?;
        part.ensure(&self.layout, progress).await.map(drop)
    }

    /// What `stack` made for the daemon.
    ///
    /// # Errors
    /// When it made nothing.
    pub async fn pi(&self, stack: &Stack) -> Result<Pi> {
        let outputs = stack.secret_outputs().await?;
        Ok(Pi {
            region: region(&outputs)?,
            parameters: text(&outputs, "doorbellParameters")?,
            access_key_id: text(&outputs, "doorbellAccessKeyId")?,
            secret_access_key: text(&outputs, "doorbellSecretAccessKey")?.into(),
        })
    }
}

/// Where the stack is that has these outputs.
fn region(outputs: &Outputs) -> Result<Region> {
    let arn = text(outputs, "doorbellFunctionArn")?;
    let region = FunctionArn::parse(&arn).ok().and_then(|arn| Region::of_aws(arn.region()));
    region.ok_or_else(|| Error::Answer(format!("the stack's function is `{arn}`, in no region of Alexa's")))
}

fn text(outputs: &Outputs, name: &str) -> Result<String> {
    let text = outputs.get(name).and_then(|value| value.as_str());
    text.map(Into::into).ok_or_else(|| Error::Answer(format!("the stack has no output {name}")))
}
