//! Repositories of images.

use serde_json::json;

use crate::access::Service;
use crate::call::Call;
use crate::client::Client;
use crate::error::CallError;

/// That there is a repository `name` (ECR's `DescribeRepositories`).
///
/// # Errors
/// When ECR does not tell; its class is `Absent` when there is none.
pub async fn repository(client: &Client, name: &str) -> Result<(), CallError> {
    let target = Some("AmazonEC2ContainerRegistry_V20150921.DescribeRepositories");
    let body = json!({ "repositoryNames": [name] }).to_string();
    client.call(Call { service: Service::Ecr, target, body }).await.map(drop)
}
