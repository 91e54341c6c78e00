//! What a write does, and on what condition. Names and values never stand in the text of an expression, since many names
//! are words of DynamoDB's own (`user` and `region` are).

use std::collections::BTreeMap;

use serde::Serialize;

use super::attribute::Attribute;

/// What must be true of the item for a write to happen.
#[derive(Clone, Debug)]
pub enum Condition {
    /// The attribute is there.
    Present(&'static str),
    /// The attribute is not there; of the key, that there is no item.
    Absent(&'static str),
    /// The attribute has this value.
    Is(&'static str, Attribute),
}

/// Changes to an item; what is not named stays. An item that is not there is made.
#[derive(Clone, Debug, Default)]
pub struct Update {
    set: Vec<(&'static str, Attribute)>,
    remove: Vec<&'static str>,
    add: Vec<(&'static str, u64)>,
}

impl Update {
    /// Gives the attribute this value.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl Into<Attribute>) -> Self {
        self.set.push((name, value.into()));
        self
    }

    /// Takes the attribute away, if it is there.
    #[must_use]
    pub fn remove(mut self, name: &'static str) -> Self {
        self.remove.push(name);
        self
    }

    /// Adds to the number that the attribute is; one that is not there counts as 0.
    #[must_use]
    pub fn add(mut self, name: &'static str, number: u64) -> Self {
        self.add.push((name, number));
        self
    }
}

/// Expressions as requests have them, with what their placeholders stand for.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Expressions {
    #[serde(skip_serializing_if = "Option::is_none")]
    update_expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition_expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_expression: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    expression_attribute_names: BTreeMap<String, &'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    expression_attribute_values: BTreeMap<String, Attribute>,
}

impl Expressions {
    pub(super) fn update(mut self, update: Update) -> Self {
        let set = update.set.into_iter().map(|(name, value)| {
            let (name, value) = (self.name(name), self.value(value));
            format!("{name} = {value}")
        });
        let set: Vec<_> = set.collect();
        let remove: Vec<_> = update.remove.into_iter().map(|name| self.name(name)).collect();
        let add = update.add.into_iter().map(|(name, number)| {
            let (name, value) = (self.name(name), self.value(number.into()));
            format!("{name} {value}")
        });
        let add: Vec<_> = add.collect();
        let clauses = [("SET", set), ("REMOVE", remove), ("ADD", add)];
        let clauses = clauses.iter().filter(|(_, parts)| !parts.is_empty());
        let clauses: Vec<_> = clauses.map(|(word, parts)| format!("{word} {}", parts.join(", "))).collect();
        self.update_expression = Some(clauses.join(" "));
        self
    }

    pub(super) fn condition(mut self, condition: Option<Condition>) -> Self {
        self.condition_expression = condition.map(|condition| self.text(condition));
        self
    }

    pub(super) fn filter(mut self, condition: Condition) -> Self {
        self.filter_expression = Some(self.text(condition));
        self
    }

    fn text(&mut self, condition: Condition) -> String {
        match condition {
            Condition::Present(name) => format!("attribute_exists({})", self.name(name)),
            Condition::Absent(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::Is(name, value) => {
                let (name, value) = (self.name(name), self.value(value));
                format!("{name} = {value}")
            }
        }
    }

    fn name(&mut self, name: &'static str) -> String {
        let placeholder = format!("#{name}");
        self.expression_attribute_names.insert(placeholder.clone(), name);
        placeholder
    }

    fn value(&mut self, value: Attribute) -> String {
        let placeholder = format!(":{}", self.expression_attribute_values.len());
        self.expression_attribute_values.insert(placeholder.clone(), value);
        placeholder
    }
}
