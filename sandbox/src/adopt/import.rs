//! The import: what was decided to be taken goes into the stack's state, and nothing else happens.

use std::time::Duration;

use infra::aws::ecr::Repository;
use infra::template::Resource as _;
use serde_json::{Value, json};

use super::decide::Decision;
use super::declared::{Declared, Preview};
use super::{Decided, Thing};
use crate::Sandbox;
use crate::error::{Doing, Result};
use crate::progress::Progress;
use crate::pulumi::Place;
use crate::run::Run;

/// How long an engine may take for what it is at when the person does not want to wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// The plugin of skills, as the program calls it.
const PLUGIN: &str = "porchPlugin";

impl Sandbox {
    /// Imports what was decided to be taken, each protected as the program has it.
    pub(super) async fn import(
        &self,
        stack: &str,
        preview: &Preview,
        decided: &[Decided],
        progress: &Progress,
    ) -> Result<()> {
        let plugin = preview.named(PLUGIN);
        let has_skill = taken(decided).any(|(one, _)| matches!(one.thing, Thing::Skill(_)));
        if let Some(plugin) = plugin.filter(|plugin| has_skill && !plugin.is_ours) {
            // A skill is read with the developer's account, which the plugin has only once it is in the state.
            let run = self.pulumi_on(stack, "give the plugin your developer account", "up")?;
            let run = run.args(["--yes", "--skip-preview", "--target", &plugin.urn]);
            progress.step("give the plugin your account", None, self.changed_by(run)).await?;
        }
        for protect in [false, true] {
            let resources: Vec<Value> = taken(decided)
                .filter(|(one, _)| one.declared.is_protected == protect)
                .map(|(one, id)| entry(&one.declared, id))
                .collect();
            if resources.is_empty() {
                continue;
            }
            let what = format!("import {} of them", resources.len());
            let run = self.import_run(stack, &file(plugin, &resources), protect)?;
            progress.step(&what, Some(Duration::from_secs(5)), run).await?;
        }
        Ok(())
    }

    fn import_run(
        &self,
        stack: &str,
        file: &Value,
        protect: bool,
    ) -> Result<impl Future<Output = Result<()>> + use<>> {
        let folder = tempfile::tempdir().doing(|| "make a folder for what is to be imported".into())?;
        let path = folder.path().join("import.json");
        std::fs::write(&path, file.to_string()).doing(|| format!("write {}", path.display()))?;
        let run = self
            .pulumi_on(stack, "import what is there", "import")?
            .args(["--file".as_ref(), path.as_os_str()]);
        let run = run.args(["--yes", "--skip-preview", "--generate-code=false"]);
        let run = self.changed_by(run.args([format!("--protect={protect}")]));
        Ok(async move {
            let imported = run.await;
            drop(folder);
            imported
        })
    }

    /// What a person interrupts ends all the same, in seconds: an engine that is interrupted in an import may panic, and then
    /// leaves the stack locked (seen with Pulumi 3.259).
    fn changed_by(&self, run: Run) -> impl Future<Output = Result<()>> + use<> {
        let log = self.layout.log("adopt");
        async move { run.to_its_end(PATIENCE).logged(&log).await }
    }

    /// A command of `pulumi` on a stack, wherever that is.
    fn pulumi_on(&self, stack: &str, what: &str, command: &str) -> Result<Run> {
        match self.place_of(stack) {
            Place::Sandbox => Ok(self.stack(stack).pulumi([command])),
            Place::Account => Ok(self.pulumi_of_account(what)?.args([command, "--stack", stack])),
        }
    }
}

fn taken(decided: &[Decided]) -> impl Iterator<Item = (&Decided, &str)> {
    decided.iter().filter_map(|one| match &one.decision {
        Decision::Taken { id } => Some((one, id.as_str())),
        Decision::Ours | Decision::Made | Decision::Refused { .. } => None,
    })
}

/// One resource, as Pulumi's import file has it.
fn entry(declared: &Declared, id: &str) -> Value {
    let mut entry = json!({ "type": declared.kind, "name": declared.name(), "id": id });
    if declared.kind.starts_with("aws:") {
        entry["version"] = Repository::PLUGIN_VERSION.into();
    } else {
        entry["provider"] = PLUGIN.into();
    }
    entry
}

fn file(plugin: Option<&Declared>, resources: &[Value]) -> Value {
    let table = plugin.map(|plugin| json!({ PLUGIN: plugin.urn }));
    json!({ "nameTable": table.unwrap_or_else(|| json!({})), "resources": resources })
}
