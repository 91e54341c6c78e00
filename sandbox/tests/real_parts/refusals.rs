//! Wrong settings and wrong programs, as the person at the terminal is told about them.

use sandbox::run::Run;
use secrecy::SecretString;
use serde_json::json;

use crate::rig::{fails, reply, rig, succeeds};

#[tokio::test]
async fn every_wrong_setting_is_told_before_anything_is_made() {
    const NAME: &str = "wrong";
    let rig = rig().await;
    let config = rig
        .config()
        .with("aws:region", "eu-central-1")
        .with("porch:bridge.baseUrl", "home.sandbox.porch.internal:8123")
        .with("porch:bridge.memory", "12");
    let told = fails(rig.stack(NAME, &config).await.pulumi(["up", "--yes"])).await;
    for text in [
        "3 settings of stack `wrong` are wrong",
        "aws:region: found `eu-central-1`",
        "porch:bridge.baseUrl: found `home.sandbox.porch.internal:8123`",
        "porch:bridge.memory: found `12`",
    ] {
        assert!(told.contains(text), "{text} is not in\n{told}");
    }
    assert_eq!(rig.inventory(NAME).await, [""; 0]);
}

#[tokio::test]
async fn a_missing_secret_is_told_with_the_command_that_sets_it() {
    const NAME: &str = "secretless";
    let rig = rig().await;
    let mut config = rig.config();
    config.secrets.clear();
    let told = fails(rig.stack(NAME, &config).await.pulumi(["preview"])).await;
    assert!(told.contains("porch:tailscaleAuthKey: not set"), "{told}");
    assert!(told.contains("pulumi config set --secret porch:tailscaleAuthKey"), "{told}");
}

#[tokio::test]
async fn a_wrong_property_is_told_by_name_before_anything_is_made() {
    let rig = rig().await;
    let project = tempfile::tempdir().unwrap();
    let program = json!({
        "name": "misspelt",
        "runtime": "yaml",
        "resources": {"repository": {"type": "aws:ecr/repository:Repository", "properties": {"nmae": "porch-misspelt-x"}}},
    });
    std::fs::write(project.path().join("Pulumi.yaml"), program.to_string()).unwrap();
    let pulumi = |args: &[&str]| {
        Run::new("try a program", rig.sandbox.layout.pulumi_cli().join("pulumi"))
            .args(["--non-interactive"])
            .args(args)
            .env(
                rig.variables("misspelt")
                    .into_iter()
                    .filter(|(name, _)| *name != "PULUMI_OPTION_CONFIG_FILE"),
            )
            .env([("PULUMI_BACKEND_URL", format!("file://{}", project.path().display()))])
            .folder(project.path())
    };
    succeeds(pulumi(&["stack", "init", "misspelt"])).await;
    let told = fails(pulumi(&["up", "--yes"])).await;
    assert!(told.contains("Property nmae does not exist on 'aws:ecr/repository:Repository'"), "{told}");
    assert_eq!(rig.inventory("misspelt").await, [""; 0]);
}

#[tokio::test]
async fn a_wrong_auth_key_is_answered_and_logged_and_a_right_one_repairs_it() {
    const NAME: &str = "keyless";
    let rig = rig().await;
    let mut config = rig.config();
    let right = std::mem::take(&mut config.secrets);
    let wrong = SecretString::from(
        "hskey-auth-000000000000-0000000000000000000000000000000000000000000000000000000000000000",
    );
    config.secrets = vec![("porch:tailscaleAuthKey".into(), wrong)];
    let keyless = rig.deploy(NAME, &config).await;
    let turn_on = json!({"directive": {
        "header": {"namespace": "Alexa.PowerController", "name": "TurnOn", "payloadVersion": "3", "messageId": "1",
            "correlationToken": "c"},
        "endpoint": {"endpointId": "light#lamp", "scope": {"type": "BearerToken", "token": "made-up"}},
        "payload": {},
    }});
    let answer = keyless.invoke(turn_on.to_string()).await;
    let event = &reply(&answer)["event"];
    assert_eq!(event["payload"]["type"], "BRIDGE_UNREACHABLE", "{event}");
    assert_eq!(event["header"]["correlationToken"], "c");
    assert!(answer.log.contains("invalid pre auth key"), "{}", answer.log);

    // The function that runs fetches the new key by itself: its way into the tailnet had failed for good.
    config.secrets = right;
    rig.deploy(NAME, &config).await;
    let function = keyless.function();
    assert!(!keyless.alexa(rig, &function).discover().await.unwrap().is_empty());
    keyless.destroy().await;
}
