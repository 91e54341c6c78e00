//! IAM: what a function may do, and on what.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::VERSION;
use crate::template::{Handle, Json, Reference, Resource, Text};

/// What a service acts as.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Name in the account.
    pub name: Text,
    /// For people.
    pub description: Text,
    /// Who may take the role.
    pub assume_role_policy: Json<Policy>,
    /// Whether it is deleted with whatever policies it has by then; else only with none but its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub force_detach_policies: bool,
}

impl Resource for Role {
    const TYPE: &'static str = "aws:iam/role:Role";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<Role> {
    /// Name in the account.
    pub fn name(&self) -> Reference {
        self.property("name")
    }

    /// ARN, for the service that acts as this role.
    pub fn arn(&self) -> Reference {
        self.property("arn")
    }
}

/// What a role may do, kept inside the role and deleted with it.
#[derive(Debug, Serialize)]
pub struct RolePolicy {
    /// Name inside the role.
    pub name: Text,
    /// Name of the role.
    pub role: Text,
    /// The permissions.
    pub policy: Json<Policy>,
}

impl Resource for RolePolicy {
    const TYPE: &'static str = "aws:iam/rolePolicy:RolePolicy";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// A policy document: everything that no statement allows is refused.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

/// One permission of a policy document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    effect: &'static str,
    action: Cow<'static, [&'static str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Principal>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource: Vec<Text>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<&'static str, Text>>,
}

#[derive(Debug, Serialize)]
enum Principal {
    #[serde(rename = "*")]
    Everybody,
    Service(&'static str),
    Federated(Text),
}

impl Policy {
    /// The document of `statements`, in the language's current version.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self { version: "2012-10-17", statement: statements.into_iter().collect() }
    }
}

impl Statement {
    /// Lets whoever has the policy do `actions` on `resources`, given by ARN.
    pub fn allow(
        actions: impl Into<Cow<'static, [&'static str]>>,
        resources: impl IntoIterator<Item = Text>,
    ) -> Self {
        let resource = resources.into_iter().collect();
        Self {
            effect: "Allow",
            action: actions.into(),
            principal: None,
            resource,
            condition: BTreeMap::new(),
        }
    }

    /// Lets a service of AWS, like `lambda.amazonaws.com`, take the role.
    pub fn taken_by(service: &'static str) -> Self {
        let principal = Some(Principal::Service(service));
        Self {
            effect: "Allow",
            action: Cow::Borrowed(&["sts:AssumeRole"]),
            principal,
            resource: Vec::new(),
            condition: BTreeMap::new(),
        }
    }

    /// Lets whom an identity provider, given by ARN, knows take the role; conditions must say whom of them.
    pub fn taken_by_known_to(provider: impl Into<Text>) -> Self {
        let principal = Some(Principal::Federated(provider.into()));
        Self { principal, ..Self::allow(&["sts:AssumeRoleWithWebIdentity"], []) }
    }

    /// Keeps whoever has the policy, whatever else allows it, from `actions` on `resources`.
    pub fn deny(actions: &'static [&'static str], resources: impl IntoIterator<Item = Text>) -> Self {
        Self { effect: "Deny", ..Self::allow(actions, resources) }
    }

    /// Keeps everybody, whatever else allows it, from `actions` on `resources`: for the policy of a resource.
    pub fn deny_everybody(
        actions: &'static [&'static str],
        resources: impl IntoIterator<Item = Text>,
    ) -> Self {
        let principal = Some(Principal::Everybody);
        Self { effect: "Deny", principal, ..Self::allow(actions, resources) }
    }

    /// Only where `operator`, like `StringEquals`, finds the request's condition `key` to be `value`.
    #[must_use]
    pub fn when(mut self, operator: &'static str, key: &'static str, value: impl Into<Text>) -> Self {
        self.condition.entry(operator).or_default().insert(key, value.into());
        self
    }
}
