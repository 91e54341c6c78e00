//! What becomes of a manifest that was taken: it is built for some looks, then it is the skill's, or was refused.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::policy::{allows, of_manifest};
use super::refusal::{Refusal, Violation};
use super::skill::{Credentials, Secret, Skill};
use super::smapi::{Behaviour, Surroundings};

/// How far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Build {
    /// It is being built.
    Going {
        /// Looks that still find it so.
        looks: u32,
        /// What is built.
        manifest: Value,
        /// What will turn out to be wrong with it.
        errors: Vec<String>,
    },
    /// It is the skill's.
    Succeeded,
    /// It was refused.
    Failed {
        /// Why.
        errors: Vec<String>,
    },
}

impl Skill {
    /// Begins to build a manifest in which these things are wrong.
    pub(super) fn begin(&mut self, manifest: Value, errors: Vec<String>, looks: u32) {
        self.version += 1;
        self.build = Build::Going { looks, manifest, errors };
    }

    pub(super) fn is_building(&self) -> bool {
        matches!(self.build, Build::Going { .. })
    }

    /// Looks at the build, which goes on by that.
    pub(super) fn look(&mut self, behaviour: Behaviour, fresh: &mut dyn FnMut() -> [u8; 32]) -> Value {
        if let Build::Going { looks, manifest, errors } = &mut self.build {
            if *looks > 0 {
                *looks -= 1;
            } else if errors.is_empty() {
                self.manifest = Some(std::mem::take(manifest));
                self.build = Build::Succeeded;
                self.settle(behaviour, fresh);
            } else {
                self.build = Build::Failed { errors: std::mem::take(errors) };
            }
        }
        let mut request = json!({"version": self.version.to_string()});
        let status = match &self.build {
            Build::Going { .. } => "IN_PROGRESS",
            Build::Succeeded => "SUCCEEDED",
            Build::Failed { errors } => {
                request["errors"] = errors.iter().map(|error| json!({"message": error})).collect();
                "FAILED"
            }
        };
        request["status"] = json!(status);
        let mut manifest = json!({"lastUpdateRequest": request});
        if self.manifest.is_some() {
            manifest["eTag"] = json!(self.etag());
        }
        json!({"manifest": manifest})
    }

    /// What follows from a manifest that was built.
    fn settle(&mut self, behaviour: Behaviour, fresh: &mut dyn FnMut() -> [u8; 32]) {
        self.built_version = self.version;
        if behaviour.builds_reset_linking {
            self.linking = None;
        }
        if self.credentials.is_none() && !self.permissions().is_empty() {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            self.credentials = Some(Credentials {
                client_id: format!("amzn1.application-oa2-client.{}", hex(&fresh()[..16])),
                client_secret: Secret::new(format!("amzn1.oa2-cs.v1.{}", hex(&fresh()))),
            });
        }
    }
}

/// What is wrong with a manifest whose functions do not all let the skill call them, one line for each of these, in the
/// words that were seen. It is an error at once if it behaves so.
pub(super) fn untriggered(
    manifest: &Value,
    skill: &str,
    around: &Surroundings<'_>,
    behaviour: Behaviour,
) -> Result<Vec<String>, Refusal> {
    let functions = of_manifest(manifest).into_iter();
    let closed = functions
        .filter(|function| !(around.policies)(function).is_some_and(|policy| allows(&policy, skill)));
    let errors: Vec<String> =
        closed.map(|function| format!("The trigger setting for the Lambda {function} is invalid.")).collect();
    if errors.is_empty() || !behaviour.refuses_endpoints_at_once {
        return Ok(errors);
    }
    let found = errors.into_iter().map(|message| Violation { code: None, message });
    Err(Refusal::BadRequest("The manifest is not valid.".into(), found.collect()))
}
