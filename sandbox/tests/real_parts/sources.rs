//! How a change of the sources travels, and that only the sources decide what an image is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sandbox::run::Run;
use serde_json::Value;

use crate::rig::{Rig, reply, rig, succeeds};

/// Of a crate that the function depends on.
const SOURCE: &str = "crates/alexa/src/directive.rs";
const BEFORE: &str = "the event is not a smart home directive";
const AFTER: &str = "the event is not a directive of a smart home";

#[tokio::test]
async fn a_changed_source_is_a_new_digest_and_the_same_source_elsewhere_is_the_same() {
    const NAME: &str = "sources";
    let rig = rig().await;
    let deployed = rig.deploy(NAME, &rig.config()).await;
    let stack = &deployed.stack;
    let here = digest(&stack.outputs().await.unwrap());
    // The tracked files stay as they are: what changes is a copy, in another folder.
    let copy = copy_of_the_checkout(rig).await;
    let target = rig.sandbox.layout.repository.join("target");
    let in_copy = |run: Run| run.folder(copy.path()).env([("CARGO_TARGET_DIR", &target)]);
    let source = copy.path().join(SOURCE);
    let original = fs::read_to_string(&source).unwrap();
    assert!(original.contains(BEFORE));

    succeeds(in_copy(stack.pulumi(["preview", "--expect-no-changes"]))).await;
    fs::write(&source, original.replace(BEFORE, AFTER)).unwrap();
    let preview = succeeds(in_copy(stack.pulumi(["preview", "--json"]))).await.stdout;
    let wanted = [("bridgeFunction", "update"), ("bridgeImage", "update")];
    assert_eq!(changes(&preview), wanted.map(|(name, op)| (name.into(), op.into())).into());

    succeeds(in_copy(stack.pulumi(["up", "--yes", "--skip-preview"]))).await;
    let changed = digest(&stack.outputs().await.unwrap());
    assert_ne!(changed, here);
    let event = reply(&deployed.invoke("{}").await);
    assert_eq!(event["event"]["payload"]["message"], AFTER);
    let environment = deployed.lambda.environment(&deployed.function(), 0).await.unwrap().unwrap();
    assert_eq!(environment.image_digest, changed, "what runs is the new image");

    fs::write(&source, &original).unwrap();
    succeeds(in_copy(stack.pulumi(["up", "--yes", "--skip-preview"]))).await;
    assert_eq!(digest(&stack.outputs().await.unwrap()), here, "built in another folder it is another image");
    deployed.destroy().await;
}

fn digest(outputs: &BTreeMap<String, Value>) -> String {
    outputs["bridgeImageUri"].as_str().unwrap().split_once('@').unwrap().1.to_string()
}

/// What a preview says will be done, by resource, without what stays the same.
fn changes(preview: &str) -> BTreeMap<String, String> {
    let preview: Value = serde_json::from_str(preview).unwrap();
    let step = |step: &Value| {
        let name = step["urn"].as_str().unwrap().rsplit("::").next().unwrap().to_string();
        (name, step["op"].as_str().unwrap().to_string())
    };
    preview["steps"].as_array().unwrap().iter().map(step).filter(|(_, op)| op != "same").collect()
}

/// The tracked files and those that git would track, as they are now.
async fn copy_of_the_checkout(rig: &Rig) -> tempfile::TempDir {
    let (repository, copy) = (&rig.sandbox.layout.repository, tempfile::tempdir().unwrap());
    let list = Run::new("list the checkout's files", "git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .folder(repository);
    for file in succeeds(list).await.stdout.split('\0').filter(|file| repository.join(file).is_file()) {
        let to = copy.path().join(file);
        fs::create_dir_all(to.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::copy(repository.join(file), to).unwrap();
    }
    copy
}
