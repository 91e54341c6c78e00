//! A stack that a file sets up, through Pulumi itself and against the sandbox's Amazon, until it could be deployed.

use std::fs;

use sandbox::exports::variables;
use sandbox::parts::amazon;
use sandbox::pulumi::Place;
use sandbox::setup::{Answers, Pulumi, Services, look_over, set_up_from};
use secrecy::ExposeSecret;

use crate::rig::{rig, succeeds};

const NAME: &str = "set-up";

#[tokio::test]
async fn a_stack_is_set_up_by_a_file_and_could_be_deployed() {
    let rig = rig().await;
    let (sandbox, developer) = (&rig.sandbox, &rig.running.developer);
    // The emulator is all that it has before.
    let mut config = sandbox.dev_config(&rig.running).unwrap();
    config.secrets.clear();
    let config = config.without("porch:alexa").without("porch:bridge").without("porch:doorbell");
    let stack = rig.stack(NAME, &config).await;

    let folder = tempfile::tempdir().unwrap();
    let secrets = [&developer.client_secret, &developer.refresh_token, &rig.running.bridge_key];
    for (name, secret) in ["client", "refresh", "key"].iter().zip(secrets) {
        fs::write(folder.path().join(name), secret.expose_secret()).unwrap();
    }
    let file = folder.path().join("answers.toml");
    let client_id = &developer.client_id;
    let answers = format!(
        r#"
        region = "us-east-1"
        home_assistant = "http://home.sandbox.porch.internal:8123"
        bells = ["Front door", "Garden"]
        device = "arm64"
        [amazon]
        client_id = "{client_id}"
        client_secret = {{ file = "client" }}
        refresh_token = {{ file = "refresh" }}
        [tailnet]
        auth_key = {{ file = "key" }}
        "#
    );
    fs::write(&file, answers).unwrap();
    let services = Services {
        lwa: amazon::LOGIN_URL.parse().unwrap(),
        smapi: amazon::SKILLS_URL.parse().unwrap(),
        aws: Place::Sandbox,
        ..Services::default()
    };
    let variables = variables(&sandbox.settings, &sandbox.layout, NAME);
    let mut pulumi = Pulumi {
        program: sandbox.layout.pulumi_cli().join("pulumi"),
        folder: sandbox.layout.stacks(),
        // There the configuration file is where Pulumi expects it.
        variables: variables.into_iter().filter(|(name, _)| *name != "PULUMI_OPTION_CONFIG_FILE").collect(),
        stack: NAME.into(),
    };
    let (known, told) = set_up_from(Answers::read(&file).unwrap(), &mut pulumi, &services).await.unwrap();
    assert_eq!(known.get("porch:alexa.vendorId"), Some(developer.vendor_id.as_str()), "{told:?}");
    look_over(NAME, &mut pulumi).await.unwrap();

    let shown = succeeds(stack.pulumi(["preview"])).await.stdout;
    for name in ["bridgeSkill", "linkingFunction", "doorbellSkillEndpoint", "devicePackage"] {
        assert!(shown.contains(name), "{name} is not in\n{shown}");
    }
    let stored = fs::read_to_string(sandbox.layout.stacks().join(format!("Pulumi.{NAME}.yaml"))).unwrap();
    for secret in secrets {
        assert!(!stored.contains(secret.expose_secret()) && !shown.contains(secret.expose_secret()));
    }

    // Later there is one bell less.
    fs::write(&file, "bells = [\"Garden\"]").unwrap();
    set_up_from(Answers::read(&file).unwrap(), &mut pulumi, &services).await.unwrap();
    look_over(NAME, &mut pulumi).await.unwrap();
    let bells = succeeds(stack.pulumi(["config", "get", "--path", "porch:doorbell.bells"])).await.stdout;
    assert_eq!(bells.trim(), r#"[{"id":"garden","name":"Garden"}]"#);
}
