//! What an artifact is made of, as a CycloneDX document (version 1.6, JSON).
//!
//! No date and no number of its own is in it: the same sources give the same document.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

/// A piece of software that is in an artifact, or the artifact itself.
#[derive(Clone, Debug)]
pub(super) struct Component {
    /// CycloneDX's word: `library`, `application`, `container`.
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) version: String,
    /// Its package URL, by which others refer to it.
    pub(super) reference: String,
    /// An SPDX expression, where the author tells one.
    pub(super) licence: Option<String>,
    pub(super) sha256: Option<String>,
    /// What Go's checksum database has for it.
    pub(super) go_sum: Option<String>,
}

/// Who needs whom, by reference.
pub(super) type Dependencies = BTreeMap<String, BTreeSet<String>>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    bom_format: &'static str,
    spec_version: &'static str,
    version: u8,
    metadata: Value,
    components: Vec<Value>,
    dependencies: Vec<Value>,
}

/// The document about `artifact`, in which there are `components`.
pub(super) fn document(
    artifact: &Component,
    components: &[Component],
    dependencies: &Dependencies,
) -> String {
    let mut components: Vec<&Component> = components.iter().collect();
    components.sort_by(|one, other| one.reference.cmp(&other.reference));
    components.dedup_by(|one, other| one.reference == other.reference);
    let known = std::iter::once(artifact).chain(components.iter().copied());
    let dependencies = known.map(|component| {
        let on = dependencies.get(&component.reference).cloned().unwrap_or_default();
        json!({"ref": component.reference, "dependsOn": on})
    });
    let document = Document {
        bom_format: "CycloneDX",
        spec_version: "1.6",
        version: 1,
        metadata: json!({"component": artifact.to_json()}),
        dependencies: dependencies.collect(),
        components: components.iter().map(|component| component.to_json()).collect(),
    };
    // Texts and lists by text cannot fail to be JSON.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

impl Component {
    fn to_json(&self) -> Value {
        let mut json = json!({
            "type": self.kind,
            "bom-ref": self.reference,
            "name": self.name,
            "version": self.version,
            "purl": self.reference,
        });
        if let Some(licence) = &self.licence {
            json["licenses"] = json!([{"expression": licence}]);
        }
        if let Some(sha256) = &self.sha256 {
            json["hashes"] = json!([{"alg": "SHA-256", "content": sha256}]);
        }
        if let Some(sum) = &self.go_sum {
            json["properties"] = json!([{"name": "go:sum", "value": sum}]);
        }
        json
    }
}
