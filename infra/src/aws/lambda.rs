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
    /// The service that it is allowed to.
    pub principal: &'static str,
    /// What the service must show with each call: for Alexa, the id of the skill.
    pub event_source_token: Text,
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
