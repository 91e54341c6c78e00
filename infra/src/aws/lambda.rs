//! Lambda: functions, and who may call them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::VERSION;
use crate::template::{Handle, Reference, Resource, Text};

/// A function that runs a container image.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Function {
    /// Name in the account and region.
    pub name: Text,
    /// For people.
    pub description: Text,
    /// What the code comes in.
    pub package_type: PackageType,
    /// The image, by digest, in a private repository of the same region.
    pub image_uri: Text,
    /// The instruction set of the image; AWS takes exactly one.
    pub architectures: [Text; 1],
    /// ARN of the role that the function acts as.
    pub role: Text,
    /// Seconds after which an invocation is ended.
    pub timeout: u32,
    /// MB; the function's share of a CPU grows with it.
    pub memory_size: u32,
    /// How many may run at the same time; these are kept for the function, and taken from the account's others. Without
    /// it, as many as the account has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserved_concurrent_executions: Option<u32>,
    /// What the function reads at start.
    pub environment: Environment,
}

impl Resource for Function {
    const TYPE: &'static str = "aws:lambda/function:Function";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<Function> {
    /// Name in the account and region.
    pub fn name(&self) -> Reference {
        self.property("name")
    }

    /// ARN, which an Alexa skill has as its endpoint.
    pub fn arn(&self) -> Reference {
        self.property("arn")
    }
}

/// What a function's code comes in.
#[derive(Debug, Serialize)]
pub enum PackageType {
    /// A container image.
    Image,
}

/// A function's environment.
#[derive(Debug, Serialize)]
pub struct Environment {
    /// Values by name.
    pub variables: BTreeMap<&'static str, Text>,
}

/// One statement of a function's own policy: who else may call it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    /// Name of the statement in the policy.
    pub statement_id: Text,
    /// Name of the function.
    pub function: Text,
    /// What is allowed.
    pub action: &'static str,
    /// The service that it is allowed to; `*` is everybody.
    pub principal: &'static str,
    /// What each call must have.
    #[serde(flatten)]
    pub condition: Condition,
}

/// What a call must have for a permission to be about it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// It shows this token: for Alexa, the id of the skill.
    EventSourceToken(Text),
    /// It comes by a function URL that asks for this.
    FunctionUrlAuthType(Authorization),
    /// It comes by a function URL, or it does not.
    InvokedViaFunctionUrl(bool),
}

impl Permission {
    /// Alexa's permission to call `function` for the smart home skill `skill_id`, and for no other.
    pub fn of_alexa(function: &Handle<Function>, skill_id: Text) -> Self {
        Self {
            statement_id: "alexa-smart-home".into(),
            function: function.name().into(),
            action: "lambda:InvokeFunction",
            principal: "alexa-connectedhome.amazon.com",
            condition: Condition::EventSourceToken(skill_id),
        }
    }
}

impl Resource for Permission {
    const TYPE: &'static str = "aws:lambda/permission:Permission";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// One call of a function, made when the resource is made or replaced. A function that fails fails the resource.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    /// Name of the function.
    pub function_name: Text,
    /// The event, as JSON.
    pub input: Text,
    /// Whatever changes in here leads to another call.
    pub triggers: BTreeMap<&'static str, Text>,
}

impl Resource for Invocation {
    const TYPE: &'static str = "aws:lambda/invocation:Invocation";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// The https address of a function.
///
/// Nobody gets in by it without statements in the function's policy: `lambda:InvokeFunctionUrl`, and since October 2025
/// `lambda:InvokeFunction` too (AWS Lambda developer guide, urls-auth).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionUrl {
    /// Name of the function.
    pub function_name: Text,
    /// What a caller must show.
    pub authorization_type: Authorization,
}

impl Resource for FunctionUrl {
    const TYPE: &'static str = "aws:lambda/functionUrl:FunctionUrl";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<FunctionUrl> {
    /// The address, `https://ID.lambda-url.REGION.on.aws/`.
    pub fn url(&self) -> Reference {
        self.property("functionUrl")
    }
}

/// What the caller of a function URL must show.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum Authorization {
    /// Nothing.
    #[serde(rename = "NONE")]
    None,
}
