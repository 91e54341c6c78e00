//! The operations.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::attribute::Item;
use super::expression::{Condition, Expressions, Update};
use crate::access::Service;
use crate::call::Call;
use crate::client::Client;
use crate::error::CallError;

/// Items that a page of a scan looks at: with two tokens of 2 KB in each, half of the 1 MB that it may have.
const PAGE: u32 = 100;

/// Most pages of a scan; more items than that are not porch's.
const PAGES: usize = 50;

/// The name of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TableName(String);

impl TableName {
    /// 3 to 255 letters, digits, `_`, `-` and `.` (AWS, CreateTable); `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        ((3..=255).contains(&text.len()) && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: TableName,
}

/// What came of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is done.
    Done,
    /// Nothing changed, because the condition was not met.
    ConditionFailed,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted<'a> {
    table_name: &'a TableName,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<&'a Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consistent_read: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exclusive_start_key: Option<&'a Item>,
    #[serde(flatten)]
    expressions: Expressions,
}

impl Table {
    /// The table `name`, as `client` reaches it.
    #[must_use]
    pub fn new(client: Client, name: TableName) -> Self {
        Self { client, name }
    }

    /// The item with this key, as the last write left it.
    ///
    /// # Errors
    /// When DynamoDB does not answer the question.
    pub async fn get(&self, key: &Item) -> Result<Option<Item>, CallError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            item: Option<Item>,
        }
        let wanted = Wanted { key: Some(key), consistent_read: Some(true), ..self.wanted() };
        let answer: Answer = self.call("DynamoDB_20120810.GetItem", &wanted).await?;
        Ok(answer.item)
    }

    /// Puts the item in the place of the one with its key, if the condition is met.
    ///
    /// # Errors
    /// When DynamoDB does not do it; it may have happened all the same, if the answer was lost.
    pub async fn put(&self, item: &Item, condition: Option<Condition>) -> Result<Written, CallError> {
        let expressions = Expressions::default().condition(condition);
        let wanted = Wanted { item: Some(item), expressions, ..self.wanted() };
        self.write("DynamoDB_20120810.PutItem", &wanted).await
    }

    /// Changes the item with this key, if the condition is met.
    ///
    /// # Errors
    /// When DynamoDB does not do it; it may have happened all the same, if the answer was lost.
    pub async fn update(
        &self,
        key: &Item,
        update: Update,
        condition: Option<Condition>,
    ) -> Result<Written, CallError> {
        let expressions = Expressions::default().update(update).condition(condition);
        let wanted = Wanted { key: Some(key), expressions, ..self.wanted() };
        self.write("DynamoDB_20120810.UpdateItem", &wanted).await
    }

    /// Deletes the item with this key, if there is one and the condition is met.
    ///
    /// # Errors
    /// When DynamoDB does not do it; it may have happened all the same, if the answer was lost.
    pub async fn delete(&self, key: &Item, condition: Option<Condition>) -> Result<Written, CallError> {
        let expressions = Expressions::default().condition(condition);
        let wanted = Wanted { key: Some(key), expressions, ..self.wanted() };
        self.write("DynamoDB_20120810.DeleteItem", &wanted).await
    }

    /// All items that meet the condition, each as the last write left it.
    ///
    /// # Errors
    /// When DynamoDB does not answer the question, or the table is far larger than any of porch's.
    pub async fn scan(&self, filter: &Condition) -> Result<Vec<Item>, CallError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            items: Vec<Item>,
            last_evaluated_key: Option<Item>,
        }
        let (mut items, mut last) = (Vec::new(), None);
        for _ in 0..PAGES {
            let wanted = Wanted {
                consistent_read: Some(true),
                limit: Some(PAGE),
                exclusive_start_key: last.as_ref(),
                expressions: Expressions::default().filter(filter.clone()),
                ..self.wanted()
            };
            let answer: Answer = self.call("DynamoDB_20120810.Scan", &wanted).await?;
            items.extend(answer.items);
            last = answer.last_evaluated_key;
            if last.is_none() {
                return Ok(items);
            }
        }
        Err(CallError::Oversized { what: "table" })
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            table_name: &self.name,
            key: None,
            item: None,
            consistent_read: None,
            limit: None,
            exclusive_start_key: None,
            expressions: Expressions::default(),
        }
    }

    async fn write(&self, target: &'static str, wanted: &Wanted<'_>) -> Result<Written, CallError> {
        match self.call::<Box<RawValue>>(target, wanted).await {
            Ok(_) => Ok(Written::Done),
            Err(CallError::Refused { kind, .. }) if kind == "ConditionalCheckFailedException" => {
                Ok(Written::ConditionFailed)
            }
            Err(error) => Err(error),
        }
    }

    async fn call<T: DeserializeOwned>(
        &self,
        target: &'static str,
        wanted: &Wanted<'_>,
    ) -> Result<T, CallError> {
        let body = serde_json::to_string(wanted).map_err(|error| CallError::Unsigned(error.into()))?;
        let answer =
            self.client.call(Call { service: Service::DynamoDb, target: Some(target), body }).await?;
        serde_json::from_slice(&answer).map_err(|_| CallError::Malformed(Service::DynamoDb))
    }
}
