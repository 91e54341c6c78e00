//! IAM: what belongs to the account as a whole: policies that stand by themselves, and whose word it believes.

use serde::Serialize;

use super::VERSION;
use super::iam::Policy;
use crate::template::{Handle, Json, Reference, Resource, Text};

/// A policy that stands by itself, so that roles and users can have it as their permissions boundary.
#[derive(Debug, Serialize)]
pub struct ManagedPolicy {
    /// Name in the account.
    pub name: Text,
    /// For people; another one makes another policy.
    pub description: Text,
    /// The permissions, at most 6,144 characters without white space.
    pub policy: Json<Policy>,
}

impl Resource for ManagedPolicy {
    const TYPE: &'static str = "aws:iam/policy:Policy";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<ManagedPolicy> {
    /// ARN, by which it is a boundary.
    pub fn arn(&self) -> Reference {
        self.property("arn")
    }
}

/// Somebody outside AWS whose signed word about its own the account believes, as far as roles say so. An account has one
/// of each address at most.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenIdConnectProvider {
    /// The issuer of the tokens.
    pub url: Text,
    /// For whom the tokens may be meant.
    pub client_id_lists: [Text; 1],
}

impl Resource for OpenIdConnectProvider {
    const TYPE: &'static str = "aws:iam/openIdConnectProvider:OpenIdConnectProvider";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<OpenIdConnectProvider> {
    /// ARN, which the trust of a role names.
    pub fn arn(&self) -> Reference {
        self.property("arn")
    }
}
