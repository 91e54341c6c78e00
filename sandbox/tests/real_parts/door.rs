//! The doorbell from the linked account to the accepted event: the deployed function, the daemon with the keys that the
//! stack made for it, and permissions that are enforced.

use std::time::Duration;

use sandbox::amazon_driver::AmazonDriver;
use sandbox::bell::{self, CUSTOMER, Pressed};
use sandbox::house::{Device, directive};
use sandbox::parts::doorbell::{BELL, KIND};
use sandbox::process::kill;
use sandbox::pulumi::StackConfig;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::rig::{Deployed, Rig, reply, rig};

const NAME: &str = "door";
/// The daemon's lockout, and a little: a press within it is nobody's business.
const LOCKOUT: Duration = Duration::from_millis(3100);

/// All that the function may do.
const ALLOWED: [&str; 9] = [
    "role doorbell dynamodb:GetItem dynamodb:table/doorbell",
    "role doorbell dynamodb:UpdateItem dynamodb:table/doorbell",
    "role doorbell logs:CreateLogStream logs:log-group:/aws/lambda/doorbell:*",
    "role doorbell logs:PutLogEvents logs:log-group:/aws/lambda/doorbell:*",
    "role doorbell ssm:GetParameters ssm:parameter/doorbell/bells",
    "role doorbell ssm:GetParameters ssm:parameter/doorbell/lwa-client-id",
    "role doorbell ssm:GetParameters ssm:parameter/doorbell/lwa-client-secret",
    "role doorbell ssm:GetParameters ssm:parameter/doorbell/table",
    "role doorbell ssm:GetParameters ssm:parameter/doorbell/table-region",
];

/// A stack with a doorbell and nothing else.
pub(crate) fn config(rig: &Rig) -> StackConfig {
    let mut config = rig.sandbox.dev_config(&rig.running).unwrap().without("porch:bridge");
    config.secrets.retain(|(key, _)| key != "porch:tailscaleAuthKey");
    config
}

async fn ask(door: &Deployed, directive: &Value) -> Value {
    let event = directive.to_string().into_bytes();
    reply(&door.lambda.invoke(&door.stack.doorbell_function(), event).await.unwrap())
}

async fn press(rig: &Rig, amazon: &AmazonDriver) -> Pressed {
    tokio::time::sleep(LOCKOUT).await;
    bell::press(&rig.sandbox.layout, BELL, amazon).await.unwrap()
}

#[tokio::test]
async fn a_linked_customer_is_told_of_every_press() {
    let rig = rig().await;
    let door = rig.deploy(NAME, &config(rig)).await;
    let amazon = AmazonDriver::new().unwrap();
    rig.sandbox.link_doorbell(&door.stack, &door.lambda, &rig.running.developer).await.unwrap();
    rig.sandbox.start_doorbell(&door.stack, &rig.tools, &rig.progress).await.unwrap();

    let token = SecretString::from("of-the-linked-account");
    let discovered = ask(&door, &directive("Alexa.Discovery", "Discover", None, &token)).await;
    let endpoint = &discovered["event"]["payload"]["endpoints"][0];
    assert_eq!((&endpoint["endpointId"], &endpoint["friendlyName"]), (&json!(BELL), &json!("Front door")));

    let pressed = press(rig, &amazon).await;
    assert_eq!((&pressed.event["customer"], &pressed.event["region"]), (&json!(CUSTOMER), &json!("NA")));
    assert_eq!(pressed.event["message"]["event"]["endpoint"]["endpointId"], BELL);

    let device = Device {
        friendly_name: "Front door".into(),
        endpoint_id: BELL.into(),
        categories: vec!["DOORBELL".into()],
    };
    let state = ask(&door, &directive("Alexa", "ReportState", Some(&device), &token)).await;
    assert_eq!(state["context"]["properties"][0]["value"], json!({"value": "OK"}), "{state}");

    // The gateway has a bad day: one press, sent until it is taken, and there once.
    let unavailable = json!({"error": "SERVICE_UNAVAILABLE_EXCEPTION"});
    amazon.script(&json!([{"service": "gateway_na", "answer": unavailable, "times": 1}])).await.unwrap();
    assert!(press(rig, &amazon).await.accepted_ms > 100.0, "it was told to come again");

    // A daemon that is killed is as good as new when it is started again.
    kill(KIND.process(&rig.sandbox.layout).unwrap().expect("it runs").pid);
    rig.sandbox.start_doorbell(&door.stack, &rig.tools, &rig.progress).await.unwrap();
    press(rig, &amazon).await;

    used_grants_are_refused(rig, &door, &amazon).await;
    let allowed = rig.allowed(NAME).await;
    let of_function: Vec<_> = allowed.iter().filter(|line| line.starts_with("role ")).collect();
    assert_eq!(of_function, ALLOWED);

    assert_eq!(rig.unused(NAME, &["role "]).await, [""; 0], "nobody needs that");

    KIND.end(&rig.sandbox.layout).unwrap();
    door.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
}

/// A code is good once. The second time the grant of before stays.
async fn used_grants_are_refused(rig: &Rig, door: &Deployed, amazon: &AmazonDriver) {
    let refused = ask(door, &bell::accept_grant(&"made-up".into(), &"made-up".into())).await;
    let (header, payload) = (&refused["event"]["header"], &refused["event"]["payload"]);
    assert_eq!(
        (&header["namespace"], &header["name"]),
        (&json!("Alexa.Authorization"), &json!("ErrorResponse"))
    );
    assert_eq!(payload["type"], "ACCEPT_GRANT_FAILED", "{refused}");
    press(rig, amazon).await;
}
