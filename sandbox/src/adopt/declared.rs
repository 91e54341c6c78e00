//! What a stack's program declares, as a preview tells it.

use std::collections::{BTreeMap, BTreeSet};

use infra::config::REGION;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};

/// Everything that a stack declares, and where.
#[derive(Debug)]
pub(super) struct Preview {
    /// The region of its AWS resources.
    pub(super) region: String,
    /// Its resources, in the order of their declaration.
    pub(super) declared: Vec<Declared>,
}

/// A resource of a stack's program.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    /// The engine's name of it, unique among all.
    pub(super) urn: String,
    /// Its type's token, like `aws:iam/role:Role`.
    pub(super) kind: String,
    /// What its program says of it; what is not known yet is a text of the engine's.
    pub(super) inputs: Value,
    /// Whether nobody deletes it unasked.
    pub(super) is_protected: bool,
    /// Whether the stack has it already.
    pub(super) is_ours: bool,
}

#[derive(Deserialize)]
struct Told {
    config: BTreeMap<String, String>,
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    op: String,
    urn: String,
    new_state: Option<State>,
}

#[derive(Deserialize)]
struct State {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    inputs: Value,
    #[serde(default)]
    protect: bool,
}

impl Preview {
    /// Reads what `pulumi preview --json --show-sames` printed.
    pub(super) fn read(text: &str) -> Result<Self> {
        let told: Told = serde_json::from_str(text)
            .map_err(|error| Error::Answer(format!("pulumi preview printed another JSON: {error}")))?;
        let region = told.config.get(REGION).cloned();
        let region = region.ok_or_else(|| Error::Answer(format!("the stack has no {REGION}")))?;
        let mut seen = BTreeSet::new();
        let declared = told.steps.into_iter().filter_map(|step| {
            // One that would be replaced has more steps than one.
            let state = step.new_state.filter(|_| seen.insert(step.urn.clone()))?;
            Some(Declared {
                urn: step.urn,
                kind: state.kind,
                inputs: state.inputs,
                is_protected: state.protect,
                is_ours: step.op != "create",
            })
        });
        Ok(Self { region, declared: declared.collect() })
    }

    /// The resource of this name in the program.
    pub(super) fn named(&self, name: &str) -> Option<&Declared> {
        self.declared.iter().find(|declared| declared.name() == name)
    }
}

impl Declared {
    /// Its name in the program.
    pub(super) fn name(&self) -> &str {
        self.urn.rsplit("::").next().unwrap_or(&self.urn)
    }

    /// One of its inputs, if it is a text.
    pub(super) fn text(&self, input: &str) -> Option<&str> {
        self.inputs[input].as_str()
    }
}
