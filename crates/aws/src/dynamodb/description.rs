//! What a table is, apart from its items.

use serde::Deserialize;
use serde_json::json;

use super::table::TableName;
use crate::access::Service;
use crate::call::Call;
use crate::client::Client;
use crate::error::CallError;

/// A table's key, and what else there is to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The attributes of its key, each with its type, `S`, `N` or `B`; the partition key first.
    pub key: Vec<(String, String)>,
    /// Names of its indexes.
    pub indexes: Vec<String>,
    /// Whether its changes are told as a stream.
    pub has_stream: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    table: Told,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    key_schema: Vec<Key>,
    attribute_definitions: Vec<Definition>,
    #[serde(default)]
    global_secondary_indexes: Vec<Index>,
    #[serde(default)]
    local_secondary_indexes: Vec<Index>,
    #[serde(default)]
    stream_specification: Stream,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    attribute_name: String,
    key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    index_name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stream {
    stream_enabled: bool,
}

/// What the table `name` is (DynamoDB's `DescribeTable`).
///
/// # Errors
/// When DynamoDB does not tell; its class is `Absent` when there is no such table.
pub async fn describe(client: &Client, name: &TableName) -> Result<Description, CallError> {
    let body = json!({ "TableName": name }).to_string();
    let target = Some("DynamoDB_20120810.DescribeTable");
    let answer = client.call(Call { service: Service::DynamoDb, target, body }).await?;
    let Answer { table } =
        serde_json::from_slice(&answer).map_err(|_| CallError::Malformed(Service::DynamoDb))?;
    Ok(table.into())
}

impl From<Told> for Description {
    fn from(told: Told) -> Self {
        let mut keys = told.key_schema;
        keys.sort_by_key(|key| key.key_type != "HASH");
        let kind = |name: &str| {
            let mut definitions = told.attribute_definitions.iter();
            definitions.find(|one| one.attribute_name == name).map(|one| one.attribute_type.clone())
        };
        let key = keys.into_iter().map(|Key { attribute_name: name, .. }| {
            let kind = kind(&name).unwrap_or_default();
            (name, kind)
        });
        let indexes = told.global_secondary_indexes.into_iter().chain(told.local_secondary_indexes);
        Self {
            key: key.collect(),
            indexes: indexes.map(|index| index.index_name).collect(),
            has_stream: told.stream_specification.stream_enabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_tells_its_key_and_all_that_depends_on_it() {
        let answer = r#"{"Table": {"TableName": "grants", "ItemCount": 1,
            "AttributeDefinitions": [{"AttributeName": "at", "AttributeType": "N"},
                {"AttributeName": "user", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "at", "KeyType": "RANGE"}, {"AttributeName": "user", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [{"IndexName": "by-time", "KeySchema": []}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}}}"#;
        let Answer { table } = serde_json::from_str(answer).expect("a table");
        let wanted = Description {
            key: vec![("user".into(), "S".into()), ("at".into(), "N".into())],
            indexes: vec!["by-time".into()],
            has_stream: true,
        };
        assert_eq!(Description::from(table), wanted);
    }
}
