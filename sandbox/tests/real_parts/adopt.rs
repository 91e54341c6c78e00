//! What somebody made by hand, or a state that is lost leaves behind, becomes a stack's.

use alexa::Region;
use sandbox::adopt::Wanted;
use sandbox::lambda::Lambda;
use sandbox::pulumi::{Stack, StackConfig};
use serde_json::{Value, json};

use crate::own_skills::skill;
use crate::rig::{Rig, fails, reply, rig, succeeds};
use crate::skills::{client, made};

const SCRIPT: &str = "tests/real_parts/by_hand.py";

/// All that a stack does to what it has.
async fn operations(stack: &Stack) -> Vec<(String, String)> {
    let told = succeeds(stack.pulumi(["preview", "--json", "--show-sames"])).await.stdout;
    let told: Value = serde_json::from_str(&told).unwrap();
    let text = |value: &Value| value.as_str().unwrap().rsplit("::").next().unwrap().to_owned();
    let steps = told["steps"].as_array().unwrap().iter();
    steps.map(|step| (text(&step["op"]), text(&step["urn"]))).collect()
}

/// Whether `adopt` tells of `resource` with this outcome and these words.
#[track_caller]
fn tells(report: &str, [outcome, resource, words]: [&str; 3]) {
    let told = |line: &&str| {
        line.trim().strip_prefix(outcome).and_then(|rest| rest.trim().strip_prefix(resource)).map(str::trim)
            == Some(words)
    };
    assert!(report.lines().any(|line| told(&line)), "{outcome} {resource} {words} is not in\n{report}");
}

async fn by_hand(rig: &Rig, name: &str, arguments: &[&str]) -> String {
    let script: Vec<&str> = [SCRIPT].into_iter().chain(arguments.iter().copied()).collect();
    rig.tell(name, "do it by hand", &script).await
}

async fn facts(rig: &Rig, name: &str) -> Value {
    serde_json::from_str(&by_hand(rig, name, &["facts", name]).await).unwrap()
}

async fn adopt(rig: &Rig, stack: &str, wanted: &Wanted) -> String {
    rig.sandbox.adopt(stack, wanted, &rig.progress).await.unwrap()
}

/// Has nothing of the stack left, nor of what is called `name`, whatever an earlier run did.
async fn begin_anew(rig: &Rig, stack: &str, config: &StackConfig, name: &str) {
    let stack = rig.stack(stack, config).await;
    by_hand(rig, stack.name(), &["clear", name, stack.name()]).await;
    succeeds(stack.pulumi(["state", "unprotect", "--all", "--yes"])).await;
    succeeds(stack.pulumi(["destroy", "--yes", "--skip-preview", "--refresh"])).await;
    succeeds(stack.pulumi(["stack", "rm", "--yes", "--force", "--preserve-config"])).await;
}

/// The dev stack's configuration with names of a person's own, and a table that nobody deletes.
fn config(rig: &Rig, name: &str) -> StackConfig {
    rig.sandbox
        .dev_config(&rig.running)
        .unwrap()
        .with("porch:bridge.repositoryName", &format!("alexa/{name}"))
        .with("porch:bridge.roleName", name)
        .with("porch:bridge.functionName", name)
        .with("porch:bridge.keepWarm", "true")
        .with("porch:doorbell.tableName", name)
        .with("porch:doorbell.protectTable", "true")
}

#[tokio::test]
async fn what_was_made_by_hand_becomes_the_stack_s_and_so_does_what_a_lost_state_leaves() {
    const NAME: &str = "taken-over";
    let rig = rig().await;
    let (client, vendor) = client(rig);
    let with_names = config(rig, NAME);
    begin_anew(rig, NAME, &with_names, NAME).await;
    let (bridge_skill, _) = made(&client, &vendor).await;
    by_hand(rig, NAME, &["make", NAME, bridge_skill.as_str()]).await;
    let before = facts(rig, NAME).await;

    let stack = rig.stack(NAME, &with_names).await;
    let wanted = Wanted { bridge_skill: Some(bridge_skill.clone()), ..Wanted::default() };
    let report = adopt(rig, NAME, &wanted).await;
    let skill_told = format!("the skill {}", bridge_skill.as_str());
    for line in [
        ["taken over", "bridgeSkill", &skill_told],
        [
            "taken over",
            "bridgeRepository",
            "the repository alexa/taken-over; of its images the newest 3 stay",
        ],
        ["taken over", "bridgeRole", "the role taken-over"],
        ["taken over", "bridgeFunction", "the function taken-over"],
        ["taken over", "bridgeLogGroup", "the log /aws/lambda/taken-over"],
        ["taken over", "doorbellTable", "the table taken-over"],
        ["not there", "doorbellRole", "the role porch-taken-over-doorbell; `pulumi up` makes it"],
    ] {
        tells(&report, line);
    }
    let again = adopt(rig, NAME, &wanted).await;
    assert!(again.contains("already its own") && !again.contains("taken over"), "{again}");

    // All of it is changed as it is, but for the trigger, whose id nobody can change.
    let operations = operations(&stack).await;
    let of = |name: &str| {
        let all = operations.iter().filter(|(_, one)| one == name).map(|(operation, _)| operation.as_str());
        all.collect::<Vec<_>>()
    };
    for name in ["bridgeRepository", "bridgeRole", "bridgeFunction", "bridgeLogGroup", "doorbellTable"] {
        assert_eq!(of(name), ["update"], "{name}");
    }
    let replaced = ["create-replacement", "replace", "delete-replaced"];
    for (operation, name) in &operations {
        let harmless = !operation.contains("delete") && !operation.contains("replace");
        let is_trigger = name == "bridgeAlexaPermission" && replaced.contains(&operation.as_str());
        assert!(harmless || is_trigger, "{operation} {name}");
    }
    stack.up(true).await.unwrap();
    assert_eq!(facts(rig, NAME).await, before);
    assert_eq!(by_hand(rig, NAME, &["statements", NAME]).await.trim(), r#"["alexa-smart-home"]"#);
    succeeds(stack.pulumi(["up", "--yes", "--expect-no-changes"])).await;
    let lambda = Lambda::new().unwrap();
    let answered = lambda.invoke(NAME, rig.turn_on().to_string().into_bytes());
    let answered = reply(&answered.await.unwrap());
    assert_eq!(answered["event"]["header"]["name"], "Response", "{answered}");

    // The state is lost; everything is still there.
    let doorbell_skill = skill(&stack).await;
    succeeds(stack.pulumi(["stack", "rm", "--yes", "--force", "--preserve-config"])).await;
    let stack = rig.stack(NAME, &with_names).await;
    let wanted = Wanted { doorbell_skill: Some(doorbell_skill), ..wanted };
    let report = adopt(rig, NAME, &wanted).await;
    assert!(!report.contains("\n  not there"), "{report}");
    stack.up(true).await.unwrap();
    assert_eq!(facts(rig, NAME).await, before);
    succeeds(stack.pulumi(["up", "--yes", "--expect-no-changes"])).await;

    // Nobody has the secret of the first key to AWS any more.
    let outputs = stack.outputs().await.unwrap();
    let key = outputs["doorbellAccessKeyId"].as_str().unwrap();
    by_hand(rig, NAME, &["forget-keys", "porch-taken-over-doorbell-1", key]).await;

    // It goes like any other, with what somebody has attached to its role.
    let said = fails(stack.pulumi(["destroy", "--yes"])).await;
    assert!(said.contains("doorbellTable") && said.contains("protected"), "{said}");
    stack.prepare(&with_names.with("porch:doorbell.protectTable", "false")).await.unwrap();
    stack.up(true).await.unwrap();
    succeeds(stack.pulumi(["destroy", "--yes", "--skip-preview"])).await;
    succeeds(stack.pulumi(["stack", "rm", "--yes", "--preserve-config"])).await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
    assert_eq!(rig.listed(Region::NorthAmerica, &[NAME]).await, [""; 0], "something is left");
    by_hand(rig, NAME, &["clear", NAME, NAME]).await;
}

#[tokio::test]
async fn a_function_that_cannot_be_had_hands_over_its_trigger() {
    const NAME: &str = "moved";
    const OLD: &str = "haaska";
    let rig = rig().await;
    let (client, vendor) = client(rig);
    let config = rig.sandbox.dev_config(&rig.running).unwrap().without_doorbell();
    begin_anew(rig, NAME, &config, OLD).await;
    let (skill, _) = made(&client, &vendor).await;
    by_hand(rig, NAME, &["zip", OLD, skill.as_str()]).await;

    let stack = rig.stack(NAME, &config.clone().with("porch:bridge.functionName", OLD)).await;
    let wanted = Wanted { bridge_skill: Some(skill.clone()), ..Wanted::default() };
    let refused = rig.sandbox.adopt(NAME, &wanted, &rig.progress).await.unwrap_err().to_string();
    for part in ["the function haaska: it is a zip", "pulumi config rm --path porch:bridge.functionName"] {
        assert!(refused.contains(part), "{refused}");
    }
    let state = succeeds(stack.pulumi(["stack", "export"])).await.stdout;
    assert!(!state.contains(skill.as_str()), "nothing was taken over");

    let stack = rig.stack(NAME, &config).await;
    let wanted = Wanted { bridge_trigger: Some(OLD.into()), ..wanted };
    let report = adopt(rig, NAME, &wanted).await;
    let words = format!(
        "the trigger of the function {OLD} by the skill {}; goes once the stack's own is there",
        skill.as_str()
    );
    tells(&report, ["taken over", "bridgeAlexaPermission", &words]);

    // The new trigger, then the skill's endpoint, then the old trigger goes.
    let up = succeeds(stack.pulumi(["up", "--yes", "--skip-preview"])).await.stdout;
    let at = |what: &str| {
        let ended = up.lines().position(|line| line.contains(what));
        ended.unwrap_or_else(|| panic!("{what} is not in\n{up}"))
    };
    let made = at("bridgeAlexaPermission created replacement");
    let told = at("bridgeSkillEndpoint created");
    let gone = at("bridgeAlexaPermission deleting original");
    assert!(made < told && told < gone, "{up}");
    let statements = async |function: &str| {
        let told = by_hand(rig, NAME, &["statements", function]).await;
        serde_json::from_str::<Value>(&told).unwrap()
    };
    assert_eq!(statements(OLD).await, json!([]));
    assert_eq!(statements("porch-moved-bridge").await, json!(["alexa-smart-home"]));
    let (document, _) = client.manifest(&skill).await.unwrap().unwrap();
    assert!(document.endpoints().unwrap().default.as_str().ends_with(":porch-moved-bridge"));

    succeeds(stack.pulumi(["destroy", "--yes", "--skip-preview"])).await;
    succeeds(stack.pulumi(["stack", "rm", "--yes", "--preserve-config"])).await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
    by_hand(rig, NAME, &["clear", OLD, NAME]).await;
}
