//! A stack with everything, which GitHub may preview and deploy: its own skills are made within the bounds of its roles, and
//! each of the two roles for GitHub does what it is for.

use std::collections::BTreeMap;

use sandbox::pulumi::{Stack, StackConfig};
use sandbox::run::Run;
use sandbox::tools;
use smapi::SkillId;

use crate::rig::{Deployed, Rig, fails, rig, succeeds};
use crate::skills::client;

const NAME: &str = "previews";
const REPOSITORY: &str = "octo-org/porch";
const PREVIEWING: &str = "repo:octo-org/porch:pull_request";
const DEPLOYING: &str = "repo:octo-org/porch:environment:production";
const REFUSED: &str = "AccessDenied";

fn config(rig: &Rig) -> StackConfig {
    let config = rig.sandbox.dev_config(&rig.running).unwrap().with_device_package("amd64");
    config.with("porch:previews.repository", REPOSITORY)
}

/// The variables with which AWS takes one for a role.
type Credentials = BTreeMap<String, String>;

impl Rig {
    /// What AWS gives a run of GitHub that asks for the role which the output `role` names, with a token about `subject`.
    async fn github(&self, deployed: &Deployed, role: &str, subject: &str) -> Run {
        let outputs = deployed.stack.outputs().await.unwrap();
        let role = outputs[role].as_str().unwrap();
        let script = self.sandbox.layout.source("aws/github.py");
        let run = Run::new("take a role", &self.tools.python).args([script]).args([role, subject]);
        run.env(self.variables(NAME))
    }
}

/// The credentials that it is given.
async fn given(run: Run) -> Credentials {
    serde_json::from_str(&succeeds(run).await.stdout).unwrap()
}

/// `pulumi` as the one whose `credentials` these are.
fn pulumi<const N: usize>(stack: &Stack, credentials: &Credentials, args: [&str; N]) -> Run {
    stack.pulumi(args).env(credentials.clone())
}

#[tokio::test]
async fn github_previews_and_deploys_a_stack_with_everything() {
    let rig = rig().await;
    tools::cross_compiler(&rig.sandbox.settings, &rig.sandbox.layout, &rig.progress).await.unwrap();
    let deployed = rig.deploy(NAME, &config(rig)).await;
    let stack = &deployed.stack;
    let outputs = stack.outputs().await.unwrap();
    let skills = ["bridgeSkillId", "doorbellSkillId"]
        .map(|name| SkillId::parse(outputs[name].as_str().unwrap()).unwrap());
    succeeds(stack.pulumi(["up", "--yes", "--expect-no-changes"])).await;

    // A role is for what its trust says, and for nothing else.
    for (role, subject) in [
        ("previewRoleArn", DEPLOYING),
        ("previewRoleArn", "repo:other/porch:pull_request"),
        ("deployRoleArn", PREVIEWING),
        ("deployRoleArn", "repo:octo-org/porch:ref:refs/heads/main"),
    ] {
        let told = fails(rig.github(&deployed, role, subject).await).await;
        assert!(told.contains(REFUSED), "{subject}: {told}");
    }
    let preview = given(rig.github(&deployed, "previewRoleArn", PREVIEWING).await).await;
    let deploy = given(rig.github(&deployed, "deployRoleArn", DEPLOYING).await).await;

    // A change to everything that has a role or a user, and to a skill.
    let changed = config(rig)
        .with("porch:bridge.alarmEmail", "me@example.org")
        .with("porch:bridge.keepWarm", "true")
        .with("porch:bridge.logRetentionDays", "7")
        .with("porch:bridge.skillName", "House")
        .with("porch:doorbell.keyRotation", "2");
    stack.prepare(&changed).await.unwrap();
    let shown = succeeds(pulumi(stack, &preview, ["preview", "--diff"])).await.stdout;
    assert!(shown.contains("bridgeWarmSchedule") && shown.contains("House"), "{shown}");
    let told = fails(pulumi(stack, &preview, ["up", "--yes", "--skip-preview"])).await;
    assert!(told.contains(REFUSED), "{told}");

    succeeds(pulumi(stack, &deploy, ["up", "--yes", "--skip-preview"])).await;
    succeeds(pulumi(stack, &deploy, ["up", "--yes", "--expect-no-changes"])).await;
    succeeds(pulumi(stack, &deploy, ["refresh", "--yes", "--expect-no-changes"])).await;

    // Each statement of its policy is about one service, and it has needed every one of them.
    let allowed = rig.allowed(NAME).await;
    let is_unused = rig.is_unused(NAME);
    let mut services: BTreeMap<&str, bool> = BTreeMap::new();
    for line in allowed.iter().filter(|line| line.starts_with("role deploy ")) {
        let (service, _) = line["role deploy ".len()..].split_once(':').unwrap();
        *services.entry(service).or_default() |= !is_unused(line);
    }
    assert!(!services.is_empty() && services.values().all(|is_used| *is_used), "{services:?}");

    let script = rig.sandbox.layout.source("aws/escapes.py");
    let escapes =
        Run::new("try to be allowed more", &rig.tools.python).args([script]).args(["porch-previews-"]);
    let answers = succeeds(escapes.env(rig.variables(NAME)).env(deploy.clone())).await.stdout;
    let is_refused = |line: &str| line.ends_with(REFUSED);
    assert!(answers.lines().count() == 10 && answers.lines().all(is_refused), "{answers}");

    deployed.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
    let (client, _) = client(rig);
    for skill in skills {
        assert!(client.manifest(&skill).await.unwrap().is_none(), "{skill} is left");
    }
}
