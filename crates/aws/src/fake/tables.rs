//! DynamoDB.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::expression::Expressions;
use super::{Refusal, State};
use crate::dynamodb::Item;

/// Most items on a page of a scan, so that tests turn pages with few of them.
const PAGE: usize = 3;

/// Most bytes of an item (AWS, "Quotas in Amazon DynamoDB").
const ITEM_LIMIT: usize = 400 * 1024;

/// Tables by name.
#[derive(Debug, Default)]
pub(super) struct Tables(BTreeMap<String, Table>);

#[derive(Debug)]
struct Table {
    /// Name of the partition key.
    key: String,
    items: BTreeMap<String, Item>,
}

impl Tables {
    pub(super) fn make(&mut self, name: &str, key: &str) {
        let made = Table { key: key.to_owned(), items: BTreeMap::new() };
        assert!(self.0.insert(name.to_owned(), made).is_none(), "there is a table {name}");
    }

    pub(super) fn items(&self, table: &str) -> BTreeMap<String, Item> {
        self.0.get(table).expect("a table").items.clone()
    }

    pub(super) fn put(&mut self, table: &str, item: Item) {
        let table = self.0.get_mut(table).expect("a table");
        let key = item.get(&table.key).and_then(|key| key.text()).expect("a key").to_owned();
        table.items.insert(key, item);
    }
}

pub(super) fn answer(state: &mut State, target: &str, body: &str) -> Result<Value, Refusal> {
    let mut wanted: Value =
        serde_json::from_str(body).map_err(|error| Refusal::Invalid(error.to_string()))?;
    let operation = target.strip_prefix("DynamoDB_20120810.").unwrap_or_default();
    state.asked.push(operation.to_owned());
    if let Some(what) = state.denied.iter().find(|what| *what == operation) {
        return Err(Refusal::Denied(what.clone()));
    }
    let members = wanted.as_object_mut().ok_or_else(|| invalid("not an object"))?;
    let mut take = |name: &str| members.remove(name).unwrap_or_default();
    let (name, key, item) = (take("TableName"), take("Key"), take("Item"));
    let (consistent, limit, start) = (take("ConsistentRead"), take("Limit"), take("ExclusiveStartKey"));
    let mut expressions = Expressions::take(members)?;
    if let Some((unknown, _)) = members.iter().next() {
        return Err(invalid(&format!("unknown member {unknown}")));
    }
    let table = name.as_str().and_then(|name| state.tables.0.get_mut(name)).ok_or(Refusal::NoTable)?;
    let answer = match operation {
        "DescribeTable" => Ok(json!({ "Table": {
            "AttributeDefinitions": [{ "AttributeName": table.key, "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": table.key, "KeyType": "HASH" }],
        } })),
        "GetItem" => {
            let found = table.items.get(&table.key_of(&key, true)?);
            assert_eq!(consistent, true, "tokens are read as the last write left them");
            Ok(found.map_or_else(|| json!({}), |item| json!({ "Item": item })))
        }
        "PutItem" => {
            let key = table.key_of(&item, false)?;
            expressions.check(table.items.get(&key))?;
            let item: Item = serde_json::from_value(item).map_err(|error| invalid(&error.to_string()))?;
            table.keep(key, item)
        }
        "UpdateItem" => {
            let text = table.key_of(&key, true)?;
            expressions.check(table.items.get(&text))?;
            let mut item = table.items.get(&text).cloned().unwrap_or_default();
            item.insert(table.key.clone(), text.as_str().into());
            expressions.update(&mut item, &table.key)?;
            table.keep(text, item)
        }
        "DeleteItem" => {
            let key = table.key_of(&key, true)?;
            expressions.check(table.items.get(&key))?;
            table.items.remove(&key);
            Ok(json!({}))
        }
        "Scan" => table.scan(&mut expressions, &limit, &start),
        _ => Err(Refusal::Denied(operation.to_owned())),
    }?;
    expressions.all_used()?;
    Ok(answer)
}

impl Table {
    /// The text of the key in `item`, which has nothing else if it is `alone`.
    fn key_of(&self, item: &Value, alone: bool) -> Result<String, Refusal> {
        let members = item.as_object().ok_or_else(|| invalid("no key"))?;
        let text = item.get(&self.key).and_then(|key| key.get("S")).and_then(Value::as_str);
        match text {
            Some(text) if !text.is_empty() && text.len() <= 2048 && (!alone || members.len() == 1) => {
                Ok(text.to_owned())
            }
            Some(_) | None => Err(invalid("The provided key element does not match the schema")),
        }
    }

    fn keep(&mut self, key: String, item: Item) -> Result<Value, Refusal> {
        if serde_json::to_string(&item).expect("json").len() > ITEM_LIMIT {
            return Err(invalid("Item size has exceeded the maximum allowed size"));
        }
        self.items.insert(key, item);
        Ok(json!({}))
    }

    fn scan(&self, expressions: &mut Expressions, limit: &Value, start: &Value) -> Result<Value, Refusal> {
        let limit = limit.as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE).min(PAGE);
        let after = if start.is_null() { String::new() } else { self.key_of(start, true)? };
        let looked_at: Vec<_> = self.items.iter().filter(|(key, _)| **key > after).take(limit).collect();
        let last = looked_at.last().map(|(key, _)| (*key).clone()).filter(|_| looked_at.len() == limit);
        let found: Vec<&Item> =
            looked_at.into_iter().map(|(_, item)| item).filter(|item| expressions.filters(item)).collect();
        let mut answer = json!({ "Items": found, "Count": found.len() });
        if let Some(last) = last {
            answer["LastEvaluatedKey"] = json!({ &self.key: { "S": last } });
        }
        Ok(answer)
    }
}

pub(super) fn invalid(why: &str) -> Refusal {
    Refusal::Invalid(why.to_owned())
}
