//! The first directive after a freeze, whatever happened meanwhile, and what a schedule does against cold starts.

use std::time::Duration;

use sandbox::house::{Device, directive};
use sandbox::lambda::{Environment, Invocation};
use sandbox::parts::headscale::{Headscale, Role};
use sandbox::process;
use serde_json::{Value, json};

use crate::rig::{Deployed, Rig, deployed, reply, rig};

/// One directive that may be sent twice, and one that may not.
fn questions(rig: &Rig) -> [String; 2] {
    let lamp =
        Device { friendly_name: "Lamp".into(), endpoint_id: "light#lamp".into(), categories: Vec::new() };
    let ask = |namespace, name| directive(namespace, name, Some(&lamp), &rig.running.access.token);
    let mut adjust = ask("Alexa.BrightnessController", "AdjustBrightness");
    adjust["directive"]["payload"]["brightnessDelta"] = json!(1);
    [ask("Alexa", "ReportState").to_string(), adjust.to_string()]
}

/// Asks, and has Home Assistant's own answer in the function's log line.
async fn answered(deployed: &Deployed, event: &str) -> Value {
    let invocation: Invocation = deployed.invoke(event).await;
    let (event, line) = (reply(&invocation), invocation.answered().unwrap_or_default());
    assert_eq!(line["outcome"], "home_assistant", "{event}\n{}", invocation.log);
    line
}

async fn environment(deployed: &Deployed) -> Environment {
    deployed.lambda.environment(&deployed.function(), 0).await.unwrap().expect("an environment")
}

/// Long enough that what may not be sent twice trusts no kept connection.
async fn frozen_for_a_while() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

#[tokio::test]
async fn a_tailscaled_that_is_killed_while_frozen_is_started_again() {
    let (rig, deployed) = (rig().await, deployed().await);
    for question in questions(rig) {
        answered(deployed, &question).await;
        frozen_for_a_while().await;
        let before = environment(deployed).await;
        let killed = before.processes("tailscaled");
        assert_eq!(killed.len(), 1);
        process::kill(killed[0]);
        let line = answered(deployed, &question).await;
        assert!(line["phases_ms"]["exec"].is_number(), "another one was started: {line}");
        let after = environment(deployed).await;
        assert_eq!(after.pid, before.pid, "the environment is the same");
        assert_ne!(after.processes("tailscaled"), killed);
    }
}

#[tokio::test]
async fn a_tailscaled_that_is_killed_within_a_directive_is_started_again() {
    let (rig, deployed) = (rig().await, deployed().await);
    for question in questions(rig) {
        answered(deployed, &question).await;
        let environment = environment(deployed).await;
        let kill = async {
            for pid in environment.processes("tailscaled") {
                process::kill(pid);
            }
        };
        let (invocation, ()) = tokio::join!(deployed.invoke(question.clone()), kill);
        assert!(reply(&invocation)["event"]["header"]["name"].is_string(), "whatever it is, it is an event");
        answered(deployed, &question).await;
    }
}

#[tokio::test]
async fn a_home_node_that_is_restarted_meanwhile_is_found_again() {
    let (rig, deployed) = (rig().await, deployed().await);
    let Rig { sandbox, tools, .. } = rig;
    let key = Headscale::new(&sandbox.layout, tools).key(Role::Home).await.unwrap();
    let home_node = sandbox.home_node(tools, &key).unwrap();
    for question in questions(rig) {
        answered(deployed, &question).await;
        home_node.restart(&sandbox.layout).await.unwrap();
        frozen_for_a_while().await;
        answered(deployed, &question).await;
    }
}

#[tokio::test]
async fn after_a_schedule_s_event_a_directive_only_dials() {
    let (rig, deployed) = (rig().await, deployed().await);
    deployed.lambda.retire(&deployed.function()).await.unwrap();
    let warmed = deployed.invoke(r#"{"porch":"warm"}"#).await;
    assert_eq!(reply(&warmed), json!({"porch": "warm", "tunnel": "up"}), "{}", warmed.log);
    assert_eq!(warmed.answered(), None, "no alarm takes it for a directive");
    let [question, _] = questions(rig);
    let line = answered(deployed, &question).await;
    assert_eq!(line["cold"], false);
    let phases: Vec<&str> = line["phases_ms"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(phases, ["dial", "name", "reply"]);
}
