//! A stack that owns its skill: made, watched, changed, taken over by another stack, and gone with it.

use sandbox::pulumi::Stack;
use secrecy::ExposeSecret;
use smapi::{Client, SkillId};

use crate::door::config;
use crate::rig::{rig, succeeds};
use crate::skills::client;

const NAME: &str = "skills";
const OTHER: &str = "skills-taken-over";

/// The doorbell's skill of a stack.
pub(crate) async fn skill(stack: &Stack) -> SkillId {
    let outputs = stack.outputs().await.unwrap();
    SkillId::parse(outputs["doorbellSkillId"].as_str().unwrap()).unwrap()
}

/// What Amazon calls the skill in the United States, and whether users can link it.
async fn at_amazon(client: &Client, skill: &SkillId) -> (String, bool) {
    let (document, _) = client.manifest(skill).await.unwrap().unwrap();
    let name = document.manifest().locales["en-US"].name.clone();
    (name, client.account_linking(skill).await.unwrap().is_some())
}

#[tokio::test]
async fn a_skill_lives_with_its_stack() {
    let rig = rig().await;
    let (client, _) = client(rig);
    let deployed = rig.deploy(NAME, &config(rig)).await;
    let stack = &deployed.stack;
    let (id, outputs) = (skill(stack).await, stack.outputs().await.unwrap());
    let (document, _) = client.manifest(&id).await.unwrap().unwrap();
    let endpoint = document.endpoints().unwrap().default;
    assert_eq!(outputs["doorbellFunctionArn"], endpoint.as_str());
    assert_eq!(at_amazon(&client, &id).await, ("Doorbell".to_owned(), true));
    succeeds(stack.pulumi(["up", "--yes", "--expect-no-changes"])).await;
    succeeds(stack.pulumi(["refresh", "--yes", "--expect-no-changes"])).await;

    // No secret of it is in the state in clear.
    let state = succeeds(stack.pulumi(["stack", "export"])).await.stdout;
    let credentials = client.credentials(&id).await.unwrap().unwrap();
    assert!(state.contains(&credentials.client_id));
    let developer = &rig.running.developer;
    for secret in [&credentials.client_secret, &developer.client_secret, &developer.refresh_token] {
        assert!(!state.contains(secret.expose_secret()), "a secret is in the state");
    }

    // What somebody else changes is shown, and put right.
    let mut manifest = document.manifest();
    manifest.locales.get_mut("en-US").unwrap().name = "Renamed".to_owned();
    client.update_manifest(&id, &document.with(&manifest), None).await.unwrap();
    client.await_build(&id, &mut |_| {}).await.unwrap();
    client.delete_account_linking(&id).await.unwrap();
    let shown = succeeds(stack.pulumi(["refresh", "--yes", "--diff"])).await.stdout;
    for word in ["Renamed", "manifestHash", "accountLinking"] {
        assert!(shown.contains(word), "{word} is not in\n{shown}");
    }
    succeeds(stack.pulumi(["up", "--yes", "--skip-preview"])).await;
    assert_eq!(at_amazon(&client, &id).await, ("Doorbell".to_owned(), true));

    // A change is one of the same skill, which is still linked afterwards.
    deployed.change(&config(rig).with("porch:doorbell.skillName", "Bell")).await;
    assert_eq!((skill(stack).await, at_amazon(&client, &id).await), (id.clone(), ("Bell".to_owned(), true)));

    // Another stack takes it over, and is then the one with which it goes.
    let other = rig.stack(OTHER, &config(rig)).await;
    let urn = |token: &str, name: &str| format!("urn:pulumi:{OTHER}::porch::{token}::{name}");
    let plugin = urn("pulumi:providers:porch", "porchPlugin");
    succeeds(other.pulumi(["up", "--yes", "--skip-preview", "--target", &plugin])).await;
    let provider = format!("porchPlugin={plugin}");
    succeeds(other.pulumi([
        "import",
        "porch:alexa:Skill",
        "doorbellSkill",
        id.as_str(),
        "--provider",
        &provider,
        "--protect=false",
        "--generate-code=false",
        "--yes",
    ]))
    .await;
    let preview = succeeds(other.pulumi(["preview", "--diff"])).await.stdout;
    let taken = urn("porch:alexa:Skill", "doorbellSkill");
    let at = preview.find(&taken).unwrap_or_else(|| panic!("{taken} is not in\n{preview}"));
    assert!(preview[at..].contains("Bell") && preview.contains("~ porch:alexa:Skill"), "{preview}");
    succeeds(other.pulumi(["destroy", "--yes", "--skip-preview"])).await;
    assert!(client.manifest(&id).await.unwrap().is_none(), "it is gone with the stack that has it");

    // The first one takes no offence.
    succeeds(stack.pulumi(["destroy", "--yes", "--skip-preview"])).await;
    for name in [NAME, OTHER] {
        succeeds(rig.sandbox.stack(name).pulumi(["stack", "rm", "--yes", "--preserve-config"])).await;
        assert_eq!(rig.inventory(name).await, [""; 0], "something is left");
    }
}
