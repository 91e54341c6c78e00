//! What `pulumi preview --json` prints, as much of it as is told.
//!
//! Pulumi has put `[secret]` in the place of every secret in there (its `pkg/backend/display/json.go`). The config,
//! which is there too, is not read at all.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::path;

/// A preview.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Digest {
    /// What would be done, in order.
    pub steps: Vec<Step>,
    /// What was said about it.
    pub diagnostics: Vec<Diagnostic>,
    /// How many resources there are of each operation.
    pub change_summary: BTreeMap<String, u32>,
}

/// What would be done to one resource.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    op: String,
    urn: String,
    old_state: Option<State>,
    new_state: Option<State>,
    detailed_diff: Option<BTreeMap<String, Difference>>,
    #[serde(default)]
    diff_reasons: Vec<String>,
}

/// What was said, to whom it may concern.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    #[serde(default)]
    urn: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    severity: String,
}

#[derive(Debug, Deserialize)]
struct State {
    #[serde(default)]
    inputs: Value,
    #[serde(default)]
    outputs: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Difference {
    kind: String,
    /// Whether it is one between inputs, and not between what is there and an input.
    #[serde(default)]
    input_diff: bool,
}

/// An operation that a person is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Update,
    Replace,
    Delete,
}

/// One property that would be another.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) property: String,
    /// Whether that takes another resource.
    pub(super) replaces: bool,
    /// As JSON; none when there was none.
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// What the engine writes for a value that is not known before it is made.
const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/// The property by which the engine marks a value that is not plain; whatever it is, it is not shown.
const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";

impl Digest {
    /// Reads what Pulumi printed; `None` if that is not one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        // A list would be taken for a struct's fields in their order.
        text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
    }

    /// How many resources an operation is about.
    pub(super) fn count(&self, operation: &str) -> u32 {
        self.change_summary.get(operation).copied().unwrap_or(0)
    }
}

impl Step {
    /// What is done; `None` where nothing is, and for the halves of a replacement.
    pub(super) fn operation(&self) -> Option<Operation> {
        match self.op.as_str() {
            "create" | "import" => Some(Operation::Create),
            "update" => Some(Operation::Update),
            "replace" | "import-replacement" => Some(Operation::Replace),
            "delete" => Some(Operation::Delete),
            _ => None,
        }
    }

    /// The resource's name in the program.
    pub(super) fn name(&self) -> &str {
        self.urn.rsplit("::").next().unwrap_or(&self.urn)
    }

    /// Its type, without those of what it belongs to.
    pub(super) fn kind(&self) -> &str {
        let kinds = self.urn.rsplit("::").nth(1).unwrap_or_default();
        kinds.rsplit('$').next().unwrap_or(kinds)
    }

    /// The properties that would be others, by name. A resource that is made or deleted has none: all of it is.
    pub(super) fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        match &self.detailed_diff {
            Some(differences) if !differences.is_empty() => {
                for (property, difference) in differences {
                    self.change(property, difference, &mut changes);
                }
            }
            // A provider that tells no more than the names.
            _ => {
                let difference = Difference { kind: "update".into(), input_diff: true };
                for property in &self.diff_reasons {
                    self.change(property, &difference, &mut changes);
                }
            }
        }
        changes
    }

    fn change(&self, property: &str, difference: &Difference, changes: &mut Vec<Change>) {
        let before = self.old_state.as_ref();
        let before = before.map(|state| if difference.input_diff { &state.inputs } else { &state.outputs });
        let after = self.new_state.as_ref().map(|state| &state.inputs);
        let is = |kind: &str| difference.kind.starts_with(kind);
        let before = before.filter(|_| !is("add")).and_then(|state| path::find(state, property));
        let after = after.filter(|_| !is("delete")).and_then(|state| path::find(state, property));
        let replaces = difference.kind.ends_with("-replace");
        descend(property, replaces, (before, after), changes);
    }
}

/// Notes a change, of two objects only the members that differ.
fn descend(
    property: &str,
    replaces: bool,
    (before, after): (Option<&Value>, Option<&Value>),
    changes: &mut Vec<Change>,
) {
    let is_plain = |members: &serde_json::Map<String, Value>| !members.contains_key(SIGNATURE);
    if let (Some(Value::Object(old)), Some(Value::Object(new))) = (before, after)
        && is_plain(old)
        && is_plain(new)
    {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names.into_iter().filter(|name| old.get(*name) != new.get(*name)) {
            descend(&format!("{property}.{name}"), replaces, (old.get(name), new.get(name)), changes);
        }
        return;
    }
    let (before, after) = (before.map(shown), after.map(shown));
    changes.push(Change { property: property.to_string(), replaces, before, after });
}

impl Diagnostic {
    /// What a person has to know: warnings and errors, with the resource's name if there is one.
    pub(super) fn told(&self) -> Option<String> {
        if !matches!(self.severity.as_str(), "error" | "warning") {
            return None;
        }
        let message = self.message.trim();
        match self.urn.rsplit("::").next() {
            Some(name) if !name.is_empty() => Some(format!("{name}: {message}")),
            _ => Some(message.to_string()),
        }
    }
}

fn shown(value: &Value) -> String {
    let mut value = value.clone();
    veil(&mut value);
    match value.as_str() {
        Some(word @ ("[secret]" | "[unknown]")) => word.to_string(),
        _ => value.to_string(),
    }
}

/// Puts words in the place of values that are none.
fn veil(value: &mut Value) {
    match value {
        Value::String(text) if text == UNKNOWN => *text = "[unknown]".into(),
        Value::Array(values) => values.iter_mut().for_each(veil),
        Value::Object(members) if members.contains_key(SIGNATURE) => *value = "[secret]".into(),
        Value::Object(members) => members.values_mut().for_each(veil),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
