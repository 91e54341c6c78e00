//! IAM users: for what runs outside AWS.

use serde::Serialize;

use super::VERSION;
use super::iam::Policy;
use crate::template::{Handle, Json, Reference, Resource, Text};

/// What something outside AWS acts as.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Name in the account.
    pub name: Text,
    /// Whether keys that Pulumi has not made go with the user.
    pub force_destroy: bool,
}

impl Resource for User {
    const TYPE: &'static str = "aws:iam/user:User";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<User> {
    /// Name in the account.
    pub fn name(&self) -> Reference {
        self.property("name")
    }
}

/// What a user may do, kept inside the user and deleted with it.
#[derive(Debug, Serialize)]
pub struct UserPolicy {
    /// Name inside the user.
    pub name: Text,
    /// Name of the user.
    pub user: Text,
    /// The permissions.
    pub policy: Json<Policy>,
}

impl Resource for UserPolicy {
    const TYPE: &'static str = "aws:iam/userPolicy:UserPolicy";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

/// A key of a user. AWS tells its secret once; Pulumi keeps it, encrypted.
#[derive(Debug, Serialize)]
pub struct AccessKey {
    /// Name of the user.
    pub user: Text,
}

impl Resource for AccessKey {
    const TYPE: &'static str = "aws:iam/accessKey:AccessKey";
    const PLUGIN_VERSION: Option<&'static str> = VERSION;
}

impl Handle<AccessKey> {
    /// Its id, which is no secret.
    pub fn id(&self) -> Reference {
        self.property("id")
    }

    /// Its secret, which stays one in the stack's outputs.
    pub fn secret(&self) -> Reference {
        self.property("secret")
    }
}
