//! The doorbell's function, deployed: Alexa and Login with Amazon on one side, the daemon's key on the other.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use alexa::grant::{Grant, GrantStore, Refresher};
use alexa::heartbeat::{Heartbeat, HeartbeatStore};
use alexa::lwa::{ClientSecret, Lwa};
use alexa::{Connectivity, EndpointId};
use aws::dynamodb::{Table, TableName};
use aws::{Access, Credentials, Region, Service, ssm};
use http_client::{Internet, Kept};
use sandbox::amazon_driver::{AmazonDriver, SecurityProfile, Skill};
use sandbox::bell;
use sandbox::parts::amazon::LOGIN_URL;
use sandbox::parts::ministack;
use sandbox::pulumi::{Stack, StackConfig};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::rig::{Deployed, Rig, reply, rig, succeeds};

const NAME: &str = "doorbell";
const SKILL: &str = "amzn1.ask.skill.00000000-0000-4000-8000-0000000000db";
const CLIENT_ID: &str = "amzn1.application-oa2-client.doorbell";
const CLIENT_SECRET: &str = "amzn1.oa2-cs.v1.doorbell";
const PROFILE: &str = "amzn1.application-oa2-client.linking";
const CUSTOMER: &str = "doorbell";

/// All that the daemon may do, without a package.
pub(crate) const ALLOWED: [&str; 8] = [
    "user doorbell-1 dynamodb:GetItem dynamodb:table/doorbell",
    "user doorbell-1 dynamodb:PutItem dynamodb:table/doorbell",
    "user doorbell-1 dynamodb:Scan dynamodb:table/doorbell",
    "user doorbell-1 dynamodb:UpdateItem dynamodb:table/doorbell",
    "user doorbell-1 ssm:GetParameters ssm:parameter/doorbell/lwa-client-id",
    "user doorbell-1 ssm:GetParameters ssm:parameter/doorbell/lwa-client-secret",
    "user doorbell-1 ssm:GetParameters ssm:parameter/doorbell/table",
    "user doorbell-1 ssm:GetParameters ssm:parameter/doorbell/table-region",
];

/// A customer in North America who links the skill, again and again.
struct Linking {
    amazon: AmazonDriver,
    skill: Skill,
    profile: SecurityProfile,
}

impl Linking {
    async fn start() -> Self {
        let amazon = AmazonDriver::new().unwrap();
        let skill =
            Skill { id: SKILL.into(), client_id: CLIENT_ID.into(), client_secret: CLIENT_SECRET.into() };
        let profile = SecurityProfile { client_id: PROFILE.into(), client_secret: "made-up".into() };
        amazon.know_skill(&skill).await.unwrap();
        amazon.know_security_profile(&profile).await.unwrap();
        amazon.know_customer(CUSTOMER, "NA").await.unwrap();
        Self { amazon, skill, profile }
    }

    /// The directive with which somebody, the customer unless told otherwise, hands over the right to send events.
    async fn accept_grant(&self, stranger: Option<&str>) -> Value {
        let code = self.amazon.enable_skill(CUSTOMER, &self.skill.id).await.unwrap();
        let token = match stranger {
            Some(token) => token.into(),
            None => self.amazon.link(CUSTOMER, &self.profile).await.unwrap(),
        };
        bell::accept_grant(&code, &token)
    }
}

fn directive(namespace: &str, name: &str, payload: &Value) -> Value {
    let header =
        json!({"namespace": namespace, "name": name, "payloadVersion": "3", "messageId": "made-up-1"});
    json!({"directive": {"header": header, "payload": payload}})
}

fn report_state() -> Value {
    let mut event = directive("Alexa", "ReportState", &json!({}));
    event["directive"]["endpoint"] = json!({
        "endpointId": "front-door",
        "scope": {"type": "BearerToken", "token": "made-up"},
    });
    event
}

/// A doorbell, whose daemon has its key number `rotation`.
pub(crate) fn config(rig: &Rig, rotation: u32) -> StackConfig {
    let mut config = rig.config();
    config.secrets.push(("porch:doorbellClientSecret".into(), CLIENT_SECRET.into()));
    [
        ("skillId", SKILL),
        ("clientId", CLIENT_ID),
        ("bells[0].id", "front-door"),
        ("bells[0].name", "Front door"),
        ("architecture", "x86_64"),
        ("protectTable", "false"),
        ("keyRotation", &rotation.to_string()),
    ]
    .into_iter()
    .fold(config, |config, (field, value)| config.with(&format!("porch:doorbell.{field}"), value))
}

async fn ask(stack: &Deployed, event: &Value) -> Value {
    let function = format!("porch-{NAME}-doorbell");
    reply(&stack.lambda.invoke(&function, event.to_string().into_bytes()).await.unwrap())
}

/// AWS, asked with the daemon's newest key.
pub(crate) async fn aws_of_the_daemon(stack: &Stack) -> aws::Client {
    let outputs = stack.outputs().await.unwrap();
    let text = |name: &str| outputs[name].as_str().unwrap().to_owned();
    assert_eq!(
        text("doorbellSecretAccessKey"),
        "[secret]",
        "it is not shown to who does not ask for secrets"
    );
    let shown = stack.pulumi(["stack", "output", "doorbellSecretAccessKey", "--show-secrets"]);
    let secret = succeeds(shown).await.stdout;
    let services = [Service::DynamoDb, Service::Ssm];
    let emulator: http::Uri = ministack::URL.parse().unwrap();
    let access = Access {
        region: Region::parse("us-east-1").unwrap(),
        credentials: Credentials {
            access_key_id: text("doorbellAccessKeyId"),
            secret_access_key: secret.trim().into(),
            session_token: None,
        },
        endpoints: BTreeMap::from(services.map(|service| (service, emulator.clone()))),
    };
    aws::Client::new(access, Kept::Not, SystemTime::now).unwrap()
}

/// What the daemon at the door has of the stack: its newest key, and by that everything else.
struct Daemon {
    grants: GrantStore,
    heartbeats: HeartbeatStore,
    refresher: Refresher,
}

impl Daemon {
    async fn new(stack: &Stack) -> Self {
        let client = aws_of_the_daemon(stack).await;
        let parameters = &stack.outputs().await.unwrap()["doorbellParameters"];
        let names = ["table", "table-region", "lwa-client-id", "lwa-client-secret"];
        let names = names.map(|name| format!("{}/{name}", parameters.as_str().unwrap()));
        let values = ssm::get_parameters(&client, &names.each_ref().map(String::as_str)).await.unwrap();
        let [table, _region, client_id, client_secret] = values.try_into().unwrap();
        let table = Table::new(client, TableName::parse(table.expose_secret()).unwrap());
        let internet = Internet::new(["http"], Kept::Not).unwrap();
        let (id, secret) = (client_id.expose_secret().to_owned(), ClientSecret::new(client_secret));
        let lwa = Lwa::new(internet, LOGIN_URL.parse().unwrap(), id, secret);
        let grants = GrantStore::new(table.clone());
        let refresher = Refresher::new(lwa, grants.clone());
        Self { grants, heartbeats: HeartbeatStore::new(table), refresher }
    }

    /// Refreshes the one grant that there is.
    async fn refreshes(&self) {
        let [grant] = self.grants.all().await.unwrap().try_into().unwrap();
        let grant = grant.unwrap();
        assert_eq!(grant.region, alexa::Region::NorthAmerica);
        let fresh = self.refresher.renewed(grant, SystemTime::now()).await.unwrap();
        assert!(fresh.unsaved.is_none(), "{:?}", fresh.unsaved);
    }

    /// Refreshes the one grant as it was before another has refreshed it, whose tokens stay.
    async fn is_overtaken(&self) {
        let [grant] = self.grants.all().await.unwrap().try_into().unwrap();
        let late: Grant = grant.unwrap();
        let quick = self.refresher.renewed(late.clone(), SystemTime::now()).await.unwrap();
        let kept = self.refresher.renewed(late, SystemTime::now()).await.unwrap();
        let [kept, quick] = [kept, quick].map(|fresh| fresh.grant.refresh_token.into_secret());
        assert_eq!(kept.expose_secret(), quick.expose_secret());
    }
}

#[tokio::test]
async fn a_grant_reaches_the_daemon_and_its_heartbeat_reaches_alexa() {
    let rig = rig().await;
    let linking = Linking::start().await;
    let stack = rig.deploy(NAME, &config(rig, 1)).await;

    let found = ask(&stack, &directive("Alexa.Discovery", "Discover", &json!({}))).await;
    let endpoint = &found["event"]["payload"]["endpoints"][0];
    assert_eq!(
        (&endpoint["endpointId"], &endpoint["friendlyName"]),
        (&json!("front-door"), &json!("Front door"))
    );
    for _ in 0..2 {
        let granted = ask(&stack, &linking.accept_grant(None).await).await;
        assert_eq!(granted["event"]["header"]["name"], "AcceptGrant.Response", "{granted}");
    }
    let refused = linking.accept_grant(Some("Atza|of-a-stranger")).await;
    assert_eq!(ask(&stack, &refused).await["event"]["payload"]["type"], "ACCEPT_GRANT_FAILED");

    let daemon = Daemon::new(&stack.stack).await;
    daemon.refreshes().await;
    let state =
        async || ask(&stack, &report_state()).await["context"]["properties"][0]["value"]["value"].clone();
    for (age, wanted) in [(Duration::from_secs(600), "UNREACHABLE"), (Duration::ZERO, "OK")] {
        let heartbeat = Heartbeat {
            endpoint_id: EndpointId::parse("front-door").unwrap(),
            seen_at: SystemTime::now() - age,
            interval: Duration::from_secs(60),
            connectivity: Connectivity::Ok,
            software: "real-parts".into(),
        };
        daemon.heartbeats.write(&heartbeat).await.unwrap();
        assert_eq!(state().await, wanted);
    }

    let daemons: Vec<String> =
        rig.allowed(NAME).await.into_iter().filter(|line| line.starts_with("user ")).collect();
    assert_eq!(daemons, ALLOWED);
    daemon.is_overtaken().await;
    assert_eq!(rig.unused(NAME, &["role doorbell ", "user "]).await, [""; 0], "nobody needs that");

    // The key in use works until the rotation after the next, and nothing else of the stack changes.
    stack.change(&config(rig, 2)).await;
    let newest = Daemon::new(&stack.stack).await;
    newest.refreshes().await;
    daemon.refreshes().await;
    stack.change(&config(rig, 3)).await;
    let kept: Vec<String> =
        rig.inventory(NAME).await.into_iter().filter(|line| line.starts_with("iam user")).collect();
    assert_eq!(kept, ["iam user porch-doorbell-doorbell-2", "iam user porch-doorbell-doorbell-3"]);
    newest.refreshes().await;

    succeeds(stack.stack.pulumi(["refresh", "--yes", "--expect-no-changes"])).await;
    stack.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
}
