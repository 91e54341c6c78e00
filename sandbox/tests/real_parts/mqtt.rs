//! The doorbell in Home Assistant, whose MQTT integration is set up as a person does it: the daemon, Mosquitto with
//! passwords and an access list, and what is seen of presses, pictures and ends.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use alexa::EndpointId;
use device::announce::PressId;
use device::clock::Monotonic;
use device::core::{AlexaHealth, Health, UpdateHealth};
use device::integration::mqtt::{Broker, Login, Mqtt, MqttSettings, Node};
use device::integration::{Integration, Occasion, Picture, Visit};
use device::update::News;
use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use sandbox::household::{HOME_ASSISTANT, Integrations};
use sandbox::parts::mosquitto::{self, Account};
use sandbox::parts::{Part, home_assistant};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::rig::{Ended, Rig, rig};

/// How long Home Assistant may take to see something: it connects to a broker that was away every ten seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// The daemon's lockout, and a little.
const LOCKOUT: Duration = Duration::from_millis(3100);
const EVENT: &str = "event.doorbell_front_door";
const PASSWORD: &str = "made-up-password";
/// What the other doorbell has, and could have.
const INSTALLED: &str = "0.1.0+20260301081530.1a9b03d2c4";
const PUBLISHED: &str = "0.1.0+20260302081530.2b8c14e3d5";

/// Home Assistant's API, as its own frontend uses it.
struct Api {
    client: reqwest::Client,
    token: SecretString,
}

impl Api {
    fn new(rig: &Rig) -> Self {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { client, token: rig.running.access.token.clone() }
    }

    async fn get(&self, path: &str) -> (StatusCode, Vec<u8>) {
        let request = self.client.get(format!("{}{path}", home_assistant::URL));
        let response = request.bearer_auth(self.token.expose_secret()).send().await.unwrap();
        (response.status(), response.bytes().await.unwrap().to_vec())
    }

    /// The state of an entity; null if there is none.
    async fn entity(&self, id: &str) -> Value {
        let (status, body) = self.get(&format!("/api/states/{id}")).await;
        if status.is_success() { serde_json::from_slice(&body).unwrap() } else { Value::Null }
    }

    /// The state of an entity, once it is such a one.
    async fn becomes(&self, id: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let entity = self.entity(id).await;
            if is_wanted(&entity) {
                return entity;
            }
            assert!(Instant::now() < until, "{id} is {entity}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn becomes_available(&self, id: &str) -> Value {
        self.becomes(id, |entity| !entity.is_null() && entity["state"] != "unavailable").await
    }

    async fn becomes_unavailable(&self, id: &str) {
        self.becomes(id, |entity| entity["state"] == "unavailable").await;
    }
}

/// The daemon as its own process, with a button that is played and no stack.
struct Daemon {
    process: Child,
    folder: TempDir,
}

impl Daemon {
    fn start(rig: &Rig, bells: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("aws", "[default]\naws_access_key_id = AKIAMADEUP\naws_secret_access_key = made/up\n");
        write("secrets", &format!("[mqtt]\npassword = \"{PASSWORD}\"\n"));
        let settings = format!(
            "[aws]\nregion = \"eu-west-1\"\nparameters = \"/porch/nowhere\"\nendpoint = \"http://127.0.0.1:9\"\n\
             [gpio]\nbackend = \"simulated\"\n[mqtt]\nurl = \"mqtt://127.0.0.1:{}\"\nuser = \"doorbell\"\n{bells}",
            mosquitto::PORT,
        );
        write("doorbell.toml", &settings);
        let process = Self::run(rig, folder.path());
        Self { process, folder }
    }

    fn run(rig: &Rig, folder: &Path) -> Child {
        let mut command = Command::new(&rig.tools.doorbell);
        command.arg("--settings").arg(folder.join("doorbell.toml")).env_clear();
        command.env("RUNTIME_DIRECTORY", folder).env("CREDENTIALS_DIRECTORY", folder);
        command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
    }

    fn start_again(&mut self, rig: &Rig) {
        self.process = Self::run(rig, self.folder.path());
    }

    async fn end(&mut self, signal: Signal) {
        let pid = self.process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        kill_process(pid.expect("it runs"), signal).unwrap();
        self.process.wait().await.unwrap();
    }

    async fn press(&self) {
        sleep(LOCKOUT).await;
        for level in ["pressed", "released"] {
            self.turn("front-door", level).await;
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// One edge of the button of `bell`.
    async fn turn(&self, bell: &str, level: &str) {
        let button = self.folder.path().join(format!("{bell}.button"));
        let mut button = BufReader::new(UnixStream::connect(button).await.unwrap());
        let line = format!("{level} {}\n", Monotonic::now().as_nanos());
        button.get_mut().write_all(line.as_bytes()).await.unwrap();
        let mut answer = String::new();
        button.read_line(&mut answer).await.unwrap();
        assert_eq!(answer, "ok\n");
    }
}

/// What a doorbell may do at the broker, as its README says.
fn access(node: &Node) -> Vec<String> {
    vec![
        format!("topic readwrite porch/{node}/#"),
        format!("topic readwrite homeassistant/+/porch-{node}/+/config"),
        "topic read homeassistant/status".to_owned(),
    ]
}

async fn broker(rig: &Rig, other: &Node) -> Part {
    let account = |user: &str, access| Account { user: user.into(), password: PASSWORD.into(), access };
    let accounts = [
        account(HOME_ASSISTANT, vec!["topic readwrite #".to_owned()]),
        account("doorbell", access(&Node::of_this_machine().unwrap())),
        account("another-doorbell", access(other)),
    ];
    mosquitto::part(&rig.sandbox.settings, &rig.sandbox.layout, &accounts).await.unwrap()
}

/// A doorbell on another machine, in this process, whose picture is made up. Who had linked it has disabled the skill, and
/// there is a newer package.
fn another_doorbell(node: Node) -> Arc<Mqtt> {
    let settings = MqttSettings {
        broker: Broker { host: "127.0.0.1".into(), port: mosquitto::PORT, trust: None },
        login: Some(Login { user: "another-doorbell".into(), password: Some(PASSWORD.into()) }),
        discovery_prefix: "homeassistant".into(),
        prefix: "porch".into(),
        device_name: "Garden".into(),
        bells: BTreeMap::from([(EndpointId::parse("front-door").unwrap(), "Gate".to_owned())]),
    };
    let version = |text: &str| text.to_owned().try_into().unwrap();
    let (installed, published) = (version(INSTALLED), version(PUBLISHED));
    let health = Health {
        alexa: AlexaHealth { linked: Some(0), ended: 2, ..AlexaHealth::default() },
        update: UpdateHealth { news: Some(News { installed, published }), trouble: None },
        ..Health::default()
    };
    Arc::new(Mqtt::begin(&settings, node, watch::channel(health).1).unwrap())
}

#[tokio::test]
async fn home_assistant_sees_presses_and_pictures_and_whether_the_doorbell_is_there() {
    let rig = rig().await;
    let (layout, api) = (&rig.sandbox.layout, Api::new(rig));
    let other = Node::of("0123456789abcdef0123456789abcdef").unwrap();
    let part = broker(rig, &other).await;
    part.ensure(layout, &rig.progress).await.unwrap();
    let _broker = Ended::at_last(rig, mosquitto::KIND);
    let integrations = Integrations::of(&rig.running.access).unwrap();
    integrations.forget_brokers(None).await.unwrap();
    integrations.add_broker(&PASSWORD.into()).await.unwrap();

    let two =
        "[[bell]]\nid = \"front-door\"\nname = \"Front door\"\n[[bell]]\nid = \"garage\"\nstuck_s = 10\n";
    let mut daemon = Daemon::start(rig, two);
    assert_eq!(api.becomes_available(EVENT).await["attributes"]["device_class"], "doorbell");
    api.becomes_available("event.doorbell_garage").await;
    assert_eq!(api.becomes_available("sensor.doorbell_version").await["state"], env!("CARGO_PKG_VERSION"));

    daemon.press().await;
    let rang = api.becomes(EVENT, |entity| entity["attributes"]["event_type"] == "press").await;
    assert_eq!(
        (&rang["attributes"]["bell"], &rang["attributes"]["trial"]),
        (&json!("front-door"), &json!(false))
    );

    how_it_is_is_seen(&api, &daemon).await;
    pictures_of_another_one_are_shown(&api, other).await;

    // It is killed: nobody but the broker can say so.
    daemon.end(Signal::KILL).await;
    api.becomes_unavailable(EVENT).await;
    daemon.start_again(rig);
    let before = api.becomes_available(EVENT).await;
    assert_eq!(before["state"], rang["state"], "it has not rung");

    // The broker is away, and somebody rings.
    mosquitto::KIND.end(layout).unwrap().expect("it runs");
    api.becomes_unavailable(EVENT).await;
    daemon.press().await;
    sleep(Duration::from_secs(8)).await;
    part.ensure(layout, &rig.progress).await.unwrap();
    api.becomes_available(EVENT).await;
    sleep(LOCKOUT).await;
    assert_eq!(api.entity(EVENT).await["state"], rang["state"], "an old press rang");
    daemon.press().await;
    api.becomes(EVENT, |entity| entity["state"] != rang["state"] && entity["state"] != "unavailable").await;

    daemon.end(Signal::TERM).await;
    api.becomes_unavailable(EVENT).await;
    // One bell less.
    let daemon = Daemon::start(rig, "[[bell]]\nid = \"front-door\"\nname = \"Front door\"\n");
    api.becomes_available(EVENT).await;
    for gone in
        ["event.doorbell_garage", "image.doorbell_garage_picture", "binary_sensor.doorbell_garage_button"]
    {
        api.becomes(gone, Value::is_null).await;
    }
    drop(daemon);
    integrations.forget_brokers(None).await.unwrap();
}

/// A doorbell without a stack, whose garage has a button that jams.
async fn how_it_is_is_seen(api: &Api, daemon: &Daemon) {
    let is = |state: &'static str| move |entity: &Value| entity["state"] == state;
    let aws = api.becomes("binary_sensor.doorbell_aws", is("off")).await;
    assert_eq!(aws["attributes"]["device_class"], "connectivity", "{aws}");
    assert!(aws["attributes"]["why"].as_str().is_some_and(|why| !why.is_empty()), "{aws}");
    for unknown in
        ["sensor.doorbell_alexa", "binary_sensor.doorbell_event_gateway", "binary_sensor.doorbell_update"]
    {
        api.becomes(unknown, is("unknown")).await;
    }
    let button = "binary_sensor.doorbell_garage_button";
    api.becomes(button, is("off")).await;
    daemon.turn("garage", "pressed").await;
    let stuck = api.becomes(button, is("on")).await;
    assert_eq!(stuck["attributes"]["why"], "it is stuck", "{stuck}");
    daemon.turn("garage", "released").await;
    api.becomes(button, is("off")).await;
}

async fn pictures_of_another_one_are_shown(api: &Api, node: Node) {
    let doorbell = another_doorbell(node);
    let id = "image.garden_gate_picture";
    assert_eq!(api.becomes_available(id).await["state"], "unknown");
    let update = api.becomes("binary_sensor.garden_update", |entity| entity["state"] == "on").await;
    assert_eq!(update["attributes"]["published"], PUBLISHED, "{update}");
    let alexa = api.becomes("sensor.garden_alexa", |entity| entity["state"] == "refused").await;
    assert_eq!(alexa["attributes"]["refused"], 2, "{alexa}");
    let press = PressId { edge: Monotonic::now(), bell: EndpointId::parse("front-door").unwrap() };
    let visit = Visit { press, bell: "Gate".into(), at: Some(SystemTime::now()), is_trial: true };
    // Begins and ends as a JPEG does; nobody looks at what is between.
    let jpeg: Arc<[u8]> = [&[0xff, 0xd8, 0xff, 0xe0][..], &[7; 200_000], &[0xff, 0xd9]].concat().into();
    let picture = Picture { jpeg: Arc::clone(&jpeg), offset_ms: 0 };
    let done = Arc::clone(&doorbell).tell(Occasion::Picture(visit.clone(), picture)).await.unwrap();
    assert_eq!(done.told, "127.0.0.1 has the picture");
    api.becomes(id, |entity| entity["state"] != "unknown").await;
    let (status, shown) = api.get(&format!("/api/image_proxy/{id}")).await;
    assert!(status.is_success() && shown == jpeg[..], "{status}, {} bytes", shown.len());

    let trial = Arc::clone(&doorbell).tell(Occasion::Press(visit)).await.unwrap();
    assert_eq!(trial.told, "127.0.0.1 has the press");
    let rang = api.becomes("event.garden_gate", |entity| entity["attributes"]["event_type"] == "press").await;
    assert_eq!(rang["attributes"]["trial"], true);
    drop(doorbell);
    api.becomes_unavailable("event.garden_gate").await;
}
