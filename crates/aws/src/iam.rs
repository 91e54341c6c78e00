//! Roles, users and what they are allowed by: whether there is one, and what it says about itself.

use url::form_urlencoded::Serializer;

use crate::access::Service;
use crate::call::Call;
use crate::client::Client;
use crate::error::CallError;
use crate::xml::element;

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `/`, or folders of the account between slashes. A role keeps its path for ever.
    pub path: String,
}

/// The role `name` (IAM's `GetRole`).
///
/// # Errors
/// When IAM does not tell; its class is `Absent` when there is none.
pub async fn role(client: &Client, name: &str) -> Result<Role, CallError> {
    let answer = call(client, "GetRole", "RoleName", name).await?;
    let path = element(&answer, "Path").ok_or(CallError::Malformed(Service::Iam))?;
    Ok(Role { path: path.to_owned() })
}

/// That there is a user `name` (IAM's `GetUser`).
///
/// # Errors
/// When IAM does not tell; its class is `Absent` when there is none.
pub async fn user(client: &Client, name: &str) -> Result<(), CallError> {
    call(client, "GetUser", "UserName", name).await.map(drop)
}

/// That there is the managed policy `arn` (IAM's `GetPolicy`).
///
/// # Errors
/// When IAM does not tell; its class is `Absent` when there is none.
pub async fn policy(client: &Client, arn: &str) -> Result<(), CallError> {
    call(client, "GetPolicy", "PolicyArn", arn).await.map(drop)
}

/// That the account trusts the identity provider `arn` (IAM's `GetOpenIDConnectProvider`).
///
/// # Errors
/// When IAM does not tell; its class is `Absent` when it does not.
pub async fn oidc_provider(client: &Client, arn: &str) -> Result<(), CallError> {
    call(client, "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", arn).await.map(drop)
}

async fn call(client: &Client, action: &str, field: &str, name: &str) -> Result<String, CallError> {
    let body = Serializer::new(String::new())
        .append_pair("Action", action)
        .append_pair("Version", "2010-05-08")
        .append_pair(field, name)
        .finish();
    let answer = client.call(Call { service: Service::Iam, target: None, body }).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
