//! What a stack has deployed, wherever that is: its functions called, and what they logged read.
//!
//! In the sandbox functions run beside the emulator, which is why they are called there and not through it.

mod follow;
mod line;
mod replay;

use aws::Client;
use http_client::told;
use secrecy::SecretString;
use serde_json::Value;
use smapi::FunctionArn;

pub use self::follow::{Entry, Tail};
pub use self::line::{Line, for_people};
pub use self::replay::{PLACEHOLDER, Recording, Unusable};
use crate::error::{Error, Result};
use crate::lambda::{Invocation, Lambda};
use crate::parts::home_assistant;
use crate::pulumi::{Outputs, Place, aws as account};
use crate::{DEV, Sandbox};

/// A function that a stack may have, and what it is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Takes Alexa's directives to Home Assistant.
    Bridge,
    /// Answers Alexa about the doorbell.
    Doorbell,
    /// Lets Amazon link the skill.
    Linking,
    /// Makes keys to the tailnet.
    KeyRenewal,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Bridge, Self::Doorbell, Self::Linking, Self::KeyRenewal];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Doorbell => "doorbell",
            Self::Linking => "linking",
            Self::KeyRenewal => "key-renewal",
        }
    }

    /// What it is there for.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Bridge => "Takes Alexa's directives to Home Assistant",
            Self::Doorbell => "Answers Alexa about the doorbell",
            Self::Linking => "Lets Amazon link the skill",
            Self::KeyRenewal => "Makes keys to the tailnet",
        }
    }

    /// Its name in AWS, if a stack with these `outputs` has it.
    pub(crate) fn named(self, outputs: &Outputs) -> Option<&str> {
        outputs.get(&format!("{}FunctionName", self.outputs())).and_then(Value::as_str)
    }

    /// How the names of its outputs begin.
    const fn outputs(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Doorbell => "doorbell",
            Self::Linking => "linking",
            Self::KeyRenewal => "keyRenewal",
        }
    }
}

/// The functions of a stack.
pub struct Deployed {
    stack: String,
    place: Place,
    outputs: Outputs,
    client: Client,
}

impl Sandbox {
    /// What the stack `name` has deployed.
    ///
    /// # Errors
    /// When the stack has no function, or AWS cannot be asked about it.
    pub async fn deployed(&self, name: &str) -> Result<Deployed> {
        let place = self.place_of(name);
        let outputs = self.outputs_of(name, place).await?;
        let region = region(&outputs).ok_or_else(|| {
            let deploy =
                if name == DEV { "cargo xtask up".into() } else { format!("pulumi up --stack {name}") };
            Error::Answer(format!("the stack {name} has no function deployed; `{deploy}` deploys it"))
        })?;
        let client = account::client(place, &region).await?;
        Ok(Deployed { stack: name.into(), place, outputs, client })
    }

    /// The token that a stack of the sandbox lets in: its owner's. There is none for a stack in an account.
    ///
    /// # Errors
    /// When the sandbox has not been set up.
    pub fn owner_s_token(&self, stack: &str) -> Result<Option<SecretString>> {
        match self.place_of(stack) {
            Place::Sandbox => Ok(Some(home_assistant::access(&self.layout)?.token)),
            Place::Account => Ok(None),
        }
    }
}

impl Deployed {
    /// Those functions that the stack has.
    #[must_use]
    pub fn functions(&self) -> Vec<Function> {
        let has = |function: &Function| self.output(*function, "LogGroup").is_some();
        Function::ALL.into_iter().filter(has).collect()
    }

    /// Has `function` answer an event.
    ///
    /// # Errors
    /// When the stack does not have it, or it cannot be called.
    pub async fn invoke(&self, function: Function, event: Vec<u8>) -> Result<Invocation> {
        let name = self.known(function, "FunctionName")?;
        match self.place {
            Place::Sandbox => Lambda::new()?.invoke(name, event).await,
            Place::Account => aws::lambda::invoke(&self.client, name, event)
                .await
                .map(Invocation::from)
                .map_err(|error| Error::Answer(told(&error))),
        }
    }

    /// What `function` has logged since `since`, in milliseconds since 1970.
    ///
    /// # Errors
    /// When the stack does not have it, or its log cannot be read.
    pub async fn logged(&self, function: Function, since: u64) -> Result<Vec<Entry>> {
        let group = self.known(function, "LogGroup")?;
        let (mut entries, mut token) = (Vec::new(), None);
        loop {
            let page = aws::logs::page(&self.client, group, since, token.as_deref()).await;
            let page = page.map_err(|error| Error::Answer(format!("the log {group}: {}", told(&error))))?;
            entries.extend(page.events.into_iter().map(|event| Entry::new(function, event)));
            token = page.next_token;
            if token.is_none() {
                return Ok(entries);
            }
        }
    }

    fn known(&self, function: Function, what: &str) -> Result<&str> {
        self.output(function, what).ok_or_else(|| {
            let has: Vec<&str> = self.functions().into_iter().map(Function::name).collect();
            let (stack, name) = (&self.stack, function.name());
            Error::Answer(format!("the stack {stack} has no function {name}; it has {}", has.join(", ")))
        })
    }

    fn output(&self, function: Function, what: &str) -> Option<&str> {
        self.outputs.get(&format!("{}{what}", function.outputs())).and_then(Value::as_str)
    }
}

/// The region that the functions are in.
fn region(outputs: &Outputs) -> Option<String> {
    let arn = ["bridgeFunctionArn", "doorbellFunctionArn"].into_iter().find_map(|name| outputs.get(name));
    Some(FunctionArn::parse(arn?.as_str()?).ok()?.region().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_that_of_whichever_function_there_is() {
        let outputs = |name: &str, arn: &str| Outputs::from([(name.to_string(), arn.into())]);
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:porch-prod-doorbell";
        assert_eq!(region(&outputs("doorbellFunctionArn", arn)).as_deref(), Some("eu-west-1"));
        for none in
            [outputs("linkingFunctionArn", arn), outputs("bridgeFunctionArn", "arn:aws:iam::1:role/x")]
        {
            assert_eq!(region(&none), None);
        }
    }
}
