//! As much of DynamoDB's expressions as porch writes; placeholders must be there and be used, as DynamoDB wants it.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Refusal;
use super::tables::invalid;
use crate::dynamodb::{Attribute, Item};

/// The expressions of a request.
pub(super) struct Expressions {
    update: Option<String>,
    condition: Option<String>,
    filter: Option<String>,
    names: BTreeMap<String, String>,
    values: BTreeMap<String, Attribute>,
    used: BTreeSet<String>,
}

impl Expressions {
    /// Takes them out of the members of a request.
    pub(super) fn take(members: &mut Map<String, Value>) -> Result<Self, Refusal> {
        fn member<T: Default + DeserializeOwned>(
            members: &mut Map<String, Value>,
            name: &str,
        ) -> Result<T, Refusal> {
            let Some(value) = members.remove(name) else { return Ok(T::default()) };
            serde_json::from_value(value).map_err(|error| invalid(&format!("{name}: {error}")))
        }
        Ok(Self {
            update: member(members, "UpdateExpression")?,
            condition: member(members, "ConditionExpression")?,
            filter: member(members, "FilterExpression")?,
            names: member(members, "ExpressionAttributeNames")?,
            values: member(members, "ExpressionAttributeValues")?,
            used: BTreeSet::new(),
        })
    }

    /// Refuses unless `item` meets the condition, if there is one.
    pub(super) fn check(&mut self, item: Option<&Item>) -> Result<(), Refusal> {
        let Some(condition) = self.condition.clone() else { return Ok(()) };
        let met = self.is_met(&condition, item)?;
        if met { Ok(()) } else { Err(Refusal::ConditionFailed) }
    }

    /// Whether the filter lets `item` through.
    pub(super) fn filters(&mut self, item: &Item) -> bool {
        let Some(filter) = self.filter.clone() else { return true };
        self.is_met(&filter, Some(item)).expect("a filter that is understood")
    }

    /// Does to `item` what the update says; its key cannot be changed.
    pub(super) fn update(&mut self, item: &mut Item, key: &str) -> Result<(), Refusal> {
        let update = self.update.clone().unwrap_or_default();
        let mut clause = "";
        for part in split_clauses(&update) {
            let part = match part.split_once(' ') {
                Some((word @ ("SET" | "REMOVE" | "ADD"), rest)) => {
                    clause = word;
                    rest
                }
                Some(_) | None => part,
            };
            let (name, value) = match clause {
                "SET" => part.split_once(" = ").ok_or_else(|| invalid(part))?,
                "ADD" => part.split_once(' ').ok_or_else(|| invalid(part))?,
                _ => (part, ""),
            };
            let name = self.name(name)?;
            if name == key {
                return Err(invalid("Cannot update attribute. This attribute is part of the key"));
            }
            match clause {
                "SET" => drop(item.insert(name, self.value(value)?)),
                "REMOVE" => drop(item.remove(&name)),
                "ADD" => {
                    let number = |value: &Attribute| value.number().ok_or_else(|| invalid("not a number"));
                    let added = number(&self.value(value)?)?;
                    let present = item.get(&name).map(number).transpose()?.unwrap_or_default();
                    item.insert(name, (present + added).into());
                }
                _ => return Err(invalid(&update)),
            }
        }
        Ok(())
    }

    /// Refuses placeholders that stand in no expression.
    pub(super) fn all_used(&self) -> Result<(), Refusal> {
        let given = self.names.keys().chain(self.values.keys());
        // A scan of an empty table looks at nothing, and DynamoDB reads its filter all the same.
        let text = [&self.update, &self.condition, &self.filter]
            .map(|text| text.clone().unwrap_or_default())
            .join(" ");
        match given.into_iter().find(|name| !self.used.contains(*name) && !text.contains(name.as_str())) {
            Some(unused) => Err(invalid(&format!("Value provided is unused in expressions: {unused}"))),
            None => Ok(()),
        }
    }

    fn is_met(&mut self, condition: &str, item: Option<&Item>) -> Result<bool, Refusal> {
        let inner = |function: &str| condition.strip_prefix(function)?.strip_prefix('(')?.strip_suffix(')');
        let attribute = |name: &str| item.and_then(|item| item.get(name));
        if let Some(name) = inner("attribute_exists") {
            Ok(attribute(&self.name(name)?).is_some())
        } else if let Some(name) = inner("attribute_not_exists") {
            Ok(attribute(&self.name(name)?).is_none())
        } else if let Some((name, value)) = condition.split_once(" = ") {
            let (name, value) = (self.name(name)?, self.value(value)?);
            Ok(attribute(&name) == Some(&value))
        } else {
            Err(invalid(condition))
        }
    }

    fn name(&mut self, placeholder: &str) -> Result<String, Refusal> {
        self.used.insert(placeholder.to_owned());
        self.names.get(placeholder).cloned().ok_or_else(|| invalid(placeholder))
    }

    fn value(&mut self, placeholder: &str) -> Result<Attribute, Refusal> {
        self.used.insert(placeholder.to_owned());
        self.values.get(placeholder).cloned().ok_or_else(|| invalid(placeholder))
    }
}

/// The parts of an update, of which the first of each clause has its word before it.
fn split_clauses(update: &str) -> impl Iterator<Item = &str> {
    let mut rest = update;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let ends = [", ", " REMOVE ", " ADD "].into_iter().filter_map(|end| rest.find(end));
        let Some(at) = ends.min() else { return Some(std::mem::take(&mut rest)) };
        let part = &rest[..at];
        rest = rest[at..].trim_start_matches(',').trim_start();
        Some(part)
    })
}
