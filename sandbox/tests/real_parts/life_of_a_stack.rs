//! What Pulumi does with the program, from a preview of nothing to nothing left.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use sandbox::house::lamp;

use crate::rig::{Rig, rig, succeeds};

/// What the provider logs when it starts a build.
const BUILD: &str = "starting cargo-lambda";

fn provider_log(rig: &Rig) -> PathBuf {
    rig.sandbox.layout.repository.join("target/porch/provider.log")
}

#[tokio::test]
async fn a_stack_is_previewed_deployed_left_alone_and_destroyed() {
    const NAME: &str = "life";
    let rig = rig().await;
    let config = rig.config().with("porch:bridge.alarmEmail", "me@example.org");
    let config = config.with("porch:bridge.keepWarm", "true");
    let stack = rig.stack(NAME, &config).await;

    let builds = || fs::read_to_string(provider_log(rig)).unwrap_or_default().matches(BUILD).count();
    let before = builds();
    let preview = succeeds(stack.pulumi(["preview"])).await.stdout;
    assert!(preview.contains("porch:build:FunctionImage bridgeImage create"), "{preview}");
    assert_eq!(builds(), before, "a preview builds nothing");
    assert_eq!(rig.inventory(NAME).await, [""; 0], "a preview makes nothing");

    let life = rig.deploy(NAME, &config).await;
    assert!(builds() > before, "the log tells of builds");
    let outputs = stack.outputs().await.unwrap();
    let image = outputs["bridgeImageUri"].as_str().unwrap().rsplit_once("/porch-life-bridge@").unwrap().1;
    assert_eq!(
        rig.inventory(NAME).await,
        [
            "cloudwatch alarm porch-life-bridge-errors",
            "cloudwatch alarm porch-life-bridge-failed",
            "cloudwatch alarm porch-life-bridge-slow",
            "cloudwatch alarm porch-life-bridge-throttles",
            &format!("ecr image porch-life-bridge@{image}"),
            "ecr repository porch-life-bridge",
            "iam role porch-life-bridge",
            "iam role porch-life-warm-schedule",
            "lambda function porch-life-bridge",
            "logs log group /aws/lambda/porch-life-bridge",
            "scheduler schedule porch-life-warm-schedule",
            "sns topic arn:aws:sns:us-east-1:000000000000:porch-life-alarms",
            "ssm parameter /porch/life/bridge/tailscale-auth-key",
        ]
    );

    let (house, function) = (rig.house(), life.function());
    let alexa = life.alexa(rig, &function);
    let devices = alexa.discover().await.unwrap();
    let lamp = lamp(&devices).unwrap();
    house.turn_off(&lamp.entity_id()).await.unwrap();
    assert_eq!(house.settles(&lamp.entity_id(), "off").await.unwrap(), "off");
    alexa.turn_on(lamp).await.unwrap();
    assert_eq!(house.settles(&lamp.entity_id(), "on").await.unwrap(), "on");

    succeeds(stack.pulumi(["up", "--yes", "--expect-no-changes"])).await;
    succeeds(stack.pulumi(["refresh", "--yes", "--expect-no-changes"])).await;

    assert_eq!(rig.on_schedule(NAME).await, ["warm-schedule 204"]);
    assert_eq!(rig.unused(NAME, &["role "]).await, [""; 0], "nobody needs that");

    life.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
}

#[tokio::test]
async fn an_up_that_is_killed_is_taken_up_again() {
    const NAME: &str = "killed";
    let rig = rig().await;
    let stack = rig.stack(NAME, &rig.config()).await;
    let under_way = async {
        while rig.inventory(NAME).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let up = stack.pulumi(["up", "--yes", "--skip-preview"]);
    tokio::select! {
        // Given up, a command is killed with all that it started, and cannot even free its lock.
        ended = up.finish() => panic!("it ended first: {ended:?}"),
        () = under_way => {}
    }
    rig.deploy(NAME, &rig.config()).await.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
}
