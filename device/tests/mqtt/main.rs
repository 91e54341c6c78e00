//! The doorbell at a broker.

mod broker;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use alexa::EndpointId;
use broker::{Answer, Broker, PASSWORD, USER, until};
use device::announce::PressId;
use device::clock::Monotonic;
use device::core::{AlexaHealth, BellHealth, Health, LineHealth};
use device::integration::mqtt::{self, Login, Mqtt, MqttSettings, Node, Trust};
use device::integration::{Done, Failure, Integration, Occasion, Picture, Visit};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// As long as nothing that is not to happen is waited for.
const A_WHILE: Duration = Duration::from_millis(100);

fn bell(id: &str) -> EndpointId {
    EndpointId::parse(id).expect("an id")
}

fn settings(broker: &Broker) -> MqttSettings {
    MqttSettings {
        broker: mqtt::Broker { host: "127.0.0.1".into(), port: broker.address.port(), trust: None },
        login: Some(Login { user: USER.into(), password: Some(PASSWORD.into()) }),
        discovery_prefix: "homeassistant".into(),
        prefix: "porch".into(),
        device_name: "Doorbell".into(),
        bells: BTreeMap::from([(bell("front-door"), "Front door".into())]),
    }
}

fn begin(settings: &MqttSettings) -> Arc<Mqtt> {
    begin_with(settings, watch::channel(Health::default()).1)
}

fn begin_with(settings: &MqttSettings, health: watch::Receiver<Health>) -> Arc<Mqtt> {
    let node = Node::of("0123456789abcdef0123456789abcdef").expect("an id");
    Arc::new(Mqtt::begin(settings, node, health).expect("it begins"))
}

/// A doorbell that the broker has let in and knows everything about.
async fn at(broker: &Broker) -> Arc<Mqtt> {
    let doorbell = begin(&settings(broker));
    until(|| status(broker) == Some("online".to_owned())).await;
    doorbell
}

fn status(broker: &Broker) -> Option<String> {
    let status = broker
        .retained()
        .into_iter()
        .find(|(topic, _)| topic.starts_with("porch/") && topic.ends_with("/status"));
    status.map(|(_, payload)| String::from_utf8(payload).expect("text"))
}

fn visit(second: u64) -> Visit {
    Visit {
        press: PressId { bell: bell("front-door"), edge: Monotonic::from_nanos(second * 1_000_000_000) },
        bell: "Front door".into(),
        at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_796_112_930)),
        is_trial: false,
    }
}

async fn press(doorbell: &Arc<Mqtt>, second: u64) -> Result<Done, Failure> {
    Arc::clone(doorbell).tell(Occasion::Press(visit(second))).await
}

fn told(result: Result<Done, Failure>) -> String {
    match result {
        Ok(done) => format!("done: {}", done.told),
        Err(Failure::Passing(why)) => format!("passing: {why}"),
        Err(Failure::Lasting(why)) => format!("lasting: {why}"),
    }
}

#[tokio::test]
async fn home_assistant_is_told_of_everything_before_the_doorbell_is_online() {
    let broker = Broker::start().await;
    let _doorbell = at(&broker).await;
    let all = broker.published("");
    assert!(all.iter().all(|message| message.retain), "{all:?}");
    let (last, before) = all.split_last().expect("messages");
    assert_eq!((last.topic.as_str(), last.payload.as_slice()), ("porch/b3ddb3fa8d22/status", &b"online"[..]));
    assert!(before.iter().filter(|message| message.topic.ends_with("/config")).count() >= 2);
    let state = broker.published("porch/b3ddb3fa8d22/state");
    let state: Value = serde_json::from_slice(&state[0].payload).expect("JSON");
    assert_eq!(state["version"], env!("CARGO_PKG_VERSION"));
}

/// How the doorbell is, as the broker keeps it.
fn diagnostics(broker: &Broker) -> Value {
    let kept = broker.retained();
    serde_json::from_slice(&kept["porch/b3ddb3fa8d22/diagnostics"]).expect("JSON")
}

#[tokio::test]
async fn how_the_doorbell_is_is_published_whenever_it_is_another() {
    let broker = Broker::start().await;
    let bell = BellHealth {
        id: bell("front-door"),
        name: "Front door".into(),
        line: LineHealth::Watched,
        heartbeat: None,
    };
    let read = |second: u64| AlexaHealth {
        linked: Some(1),
        read: Some(Monotonic::from_nanos(second * 1_000_000_000)),
        ..AlexaHealth::default()
    };
    let good = Health { bells: vec![bell.clone()], alexa: read(60), ..Health::default() };
    let (health, shown) = watch::channel(good.clone());
    let _doorbell = begin_with(&settings(&broker), shown);
    until(|| status(&broker) == Some("online".to_owned())).await;
    let told = diagnostics(&broker);
    assert_eq!((&told["alexa"]["state"], &told["aws"]["state"]), (&"ok".into(), &"ON".into()));
    assert_eq!(told["buttons"]["front-door"]["state"], "OFF");

    // That the table was read once more is no news.
    health.send_replace(Health { alexa: read(120), ..good.clone() });
    sleep(A_WHILE).await;
    assert_eq!(broker.published("/diagnostics").len(), 1);
    let stuck = vec![BellHealth { line: LineHealth::Stuck, ..bell }];
    health.send_replace(Health { bells: stuck, alexa: read(180), ..good });
    until(|| diagnostics(&broker)["buttons"]["front-door"]["state"] == "ON").await;
    assert_eq!(broker.published("/diagnostics").len(), 2);

    // What was another while there was no connection is told with the next one.
    broker.close();
    health.send_modify(|health| health.alexa.linked = Some(0));
    broker.open();
    until(|| diagnostics(&broker)["alexa"]["state"] == "none linked").await;
}

#[tokio::test]
async fn a_press_is_done_when_the_broker_has_it() {
    let broker = Broker::start().await;
    let doorbell = at(&broker).await;
    assert_eq!(told(press(&doorbell, 81).await), "done: 127.0.0.1 has the press");
    let [message] = &broker.published("porch/b3ddb3fa8d22/front-door/press")[..] else { panic!("one press") };
    assert_eq!((message.retain, message.expiry), (false, Some(30)));
    let payload: Value = serde_json::from_slice(&message.payload).expect("JSON");
    let wanted: Value = serde_json::from_str(include_str!("../fixtures/mqtt-press.json")).expect("JSON");
    assert_eq!(payload, wanted);
}

#[tokio::test]
async fn a_picture_is_kept_by_the_broker() {
    let broker = Broker::start().await;
    let doorbell = at(&broker).await;
    let picture = Picture { jpeg: vec![7; 300_000].into(), offset_ms: 40 };
    let done = Arc::clone(&doorbell).tell(Occasion::Picture(visit(81), picture)).await;
    assert_eq!(told(done), "done: 127.0.0.1 has the picture");
    assert_eq!(broker.retained()["porch/b3ddb3fa8d22/front-door/picture"], vec![7; 300_000]);
    let picture = Picture { jpeg: vec![7; 1_048_577].into(), offset_ms: 40 };
    let refused = Arc::clone(&doorbell).tell(Occasion::Picture(visit(81), picture)).await;
    assert_eq!(told(refused), "lasting: the picture has 1048577 bytes, and only 1048576 are published");
}

#[tokio::test]
async fn what_the_broker_says_of_a_press_is_told() {
    let broker = Broker::start().await;
    let doorbell = at(&broker).await;
    for (answer, wanted) in [
        (Answer::NobodyListens, "done: 127.0.0.1 has the press, but nobody listens"),
        (Answer::Refused, "lasting: 127.0.0.1 does not take the press: not authorized; see its access list"),
    ] {
        broker.answer("/press", answer);
        assert_eq!(told(press(&doorbell, 81).await), wanted);
    }
}

#[tokio::test]
async fn an_access_list_that_keeps_home_assistant_from_knowing_is_told_of() {
    let broker = Broker::start().await;
    broker.answer("/version/config", Answer::Refused);
    let doorbell = at(&broker).await;
    let told = told(press(&doorbell, 81).await);
    let topic = "homeassistant/sensor/porch-b3ddb3fa8d22/version/config";
    assert_eq!(told, format!("done: 127.0.0.1 has the press; it does not take {topic}, see its access list"));
}

#[tokio::test]
async fn a_broker_can_be_looked_at_beside_a_doorbell_at_work() {
    let broker = Broker::start().await;
    let doorbell = at(&broker).await;
    assert_eq!(settings(&broker).check().await, Ok("127.0.0.1 lets the doorbell in".to_owned()));
    until(|| broker.goodbyes() == 1).await;
    let clients = broker.clients();
    assert!(clients.len() == 2 && clients[0] != clients[1], "{clients:?}");
    assert_eq!(told(press(&doorbell, 81).await), "done: 127.0.0.1 has the press");
    assert_eq!(status(&broker).as_deref(), Some("online"));
}

#[tokio::test]
async fn a_press_while_the_broker_is_away_fails_and_is_not_published_later() {
    let broker = Broker::start().await;
    let doorbell = at(&broker).await;
    broker.close();
    until(|| status(&broker) == Some("online".to_owned())).await;
    loop {
        // The first may still be on its way when the connection ends.
        let told = told(press(&doorbell, 81).await);
        assert!(told.starts_with("passing: "), "{told}");
        if told.contains("cannot be used") {
            break;
        }
    }
    broker.open();
    // One that comes later brings the connection back at once, without waiting for the end of the pause.
    assert_eq!(told(press(&doorbell, 90).await), "done: 127.0.0.1 has the press");
    sleep(A_WHILE).await;
    let presses = broker.published("/press");
    assert_eq!(presses.len(), 1, "{presses:?}");
    assert!(String::from_utf8_lossy(&presses[0].payload).contains("front-door-90000000000"));
    assert_eq!(broker.clients().len(), 2);
}

#[tokio::test]
async fn a_press_that_was_not_acknowledged_is_only_published_again_when_it_is_told_again() {
    let broker = Broker::start().await;
    let doorbell = at(&broker).await;
    broker.answer("/press", Answer::Nothing);
    let (lost, ()) = tokio::join!(press(&doorbell, 81), async {
        until(|| broker.published("/press").len() == 1).await;
        broker.close();
    });
    assert_eq!(told(lost), "passing: the connection to 127.0.0.1 was lost before it had the press");
    broker.answer("/press", Answer::Taken);
    broker.open();
    until(|| broker.clients().len() == 2).await;
    sleep(A_WHILE).await;
    assert_eq!(broker.published("/press").len(), 1);
    assert_eq!(told(press(&doorbell, 81).await), "done: 127.0.0.1 has the press");
    // Whoever counts can tell by the id that it is the same one.
    let ids = broker.published("/press").into_iter().map(|message| message.payload);
    assert_eq!(ids.collect::<std::collections::BTreeSet<_>>().len(), 1);
}

#[tokio::test]
async fn a_press_whose_time_is_over_is_not_published() {
    // It takes one message at a time, and does not acknowledge the first.
    let broker = Broker::with(None, 1).await;
    let doorbell = at(&broker).await;
    broker.answer("/press", Answer::Nothing);
    assert!(timeout(A_WHILE, press(&doorbell, 81)).await.is_err());
    assert!(timeout(A_WHILE, press(&doorbell, 82)).await.is_err());
    assert_eq!(broker.published("/press").len(), 1);
    broker.answer("/press", Answer::Taken);
    broker.release();
    assert_eq!(told(press(&doorbell, 83).await), "done: 127.0.0.1 has the press");
    let presses = broker.published("/press");
    let [first, last] = &presses[..] else { panic!("two presses: {presses:?}") };
    for (message, second) in [(first, 81), (last, 83)] {
        let payload: Value = serde_json::from_slice(&message.payload).expect("JSON");
        assert_eq!(payload["id"], format!("front-door-{second}000000000"));
    }
}

#[tokio::test]
async fn a_broker_that_takes_one_message_at_a_time_gets_them_all() {
    let broker = Broker::with(None, 1).await;
    let _doorbell = at(&broker).await;
    assert!(broker.published("").len() >= 5);
}

#[tokio::test]
async fn home_assistant_is_told_again_when_it_has_started() {
    let broker = Broker::start().await;
    let _doorbell = at(&broker).await;
    let configs = broker.published("/config").len();
    for nonsense in ["offline", "", "ONLINE", "online "] {
        broker.say("homeassistant/status", nonsense);
    }
    sleep(A_WHILE).await;
    assert_eq!(broker.published("/config").len(), configs);
    broker.say("homeassistant/status", "online");
    until(|| broker.published("/config").len() == 2 * configs).await;
}

#[tokio::test]
async fn entities_of_bells_that_are_gone_are_removed() {
    let broker = Broker::start().await;
    let gone = [
        "event/porch-b3ddb3fa8d22/garden",
        "image/porch-b3ddb3fa8d22/garden",
        "binary_sensor/porch-b3ddb3fa8d22/garden-button",
    ];
    let stays = "homeassistant/event/porch-000000000000/garden/config";
    for topic in gone {
        broker.retain(&format!("homeassistant/{topic}/config"), "{}");
    }
    broker.retain("porch/b3ddb3fa8d22/garden/picture", "JPEG");
    broker.retain(stays, "{}");
    let _doorbell = at(&broker).await;
    until(|| !broker.retained().keys().any(|topic| topic.contains("b3ddb3fa8d22/garden"))).await;
    assert!(broker.retained().contains_key(stays));
    assert!(broker.retained().contains_key("homeassistant/event/porch-b3ddb3fa8d22/front-door/config"));
}

#[tokio::test]
async fn a_doorbell_that_ends_says_so_and_one_that_is_lost_is_said_to_be() {
    let broker = Broker::start().await;
    let doorbell = at(&broker).await;
    Arc::clone(&doorbell).leave().await;
    until(|| broker.goodbyes() == 1).await;
    assert_eq!(status(&broker).as_deref(), Some("offline"));
    let told = told(press(&doorbell, 81).await);
    assert!(told.starts_with("passing: "), "{told}");

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let guard = runtime.enter();
    let doorbell = begin(&settings(&broker));
    drop(guard);
    until(|| status(&broker).as_deref() == Some("online")).await;
    runtime.shutdown_background();
    until(|| status(&broker).as_deref() == Some("offline")).await;
    assert_eq!(broker.goodbyes(), 1, "it was lost without a word");
    drop(doorbell);

    drop(at(&broker).await);
    until(|| broker.goodbyes() == 2).await;
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_and_its_password_is_not() {
    let broker = Broker::start().await;
    let mut settings = settings(&broker);
    settings.login = Some(Login { user: "somebody".into(), password: Some("another-password".into()) });
    assert!(!format!("{settings:?}").contains("another-password"));
    let doorbell = begin(&settings);
    let why = "127.0.0.1 cannot be used: it refuses the user or the password; see `user`, and `password` of the \
               secrets";
    assert_eq!(settings.check().await, Err(why.to_owned()));
    assert_eq!(told(press(&doorbell, 81).await), format!("passing: {why}"));
    assert!(!format!("{doorbell:?}").contains("another-password"));
}

#[tokio::test]
async fn a_broker_that_says_nothing_or_nonsense_holds_nobody_up() {
    let broker = Broker::start().await;
    let doorbell = at(&broker).await;
    // A packet that is longer than all that is expected; the doorbell goes, and comes back.
    broker.send(&[0x30, 0xff, 0xff, 0xff, 0x7f]);
    until(|| broker.clients().len() == 2).await;
    // Acknowledges what was never published.
    broker.send(&[0x40, 2, 0x55, 0x55]);
    until(|| broker.clients().len() == 3).await;
    until(|| status(&broker).as_deref() == Some("online")).await;
    broker.hang();
    sleep(A_WHILE).await;
    assert!(timeout(A_WHILE, press(&doorbell, 81)).await.is_err());
}

#[tokio::test]
async fn a_broker_with_a_certificate_of_the_users_own_authority_is_trusted_and_no_other() {
    let key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::default();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, key).expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(certificate.der().to_vec())],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        );
    let tls = TlsAcceptor::from(Arc::new(config.expect("good settings")));
    let broker = Broker::with(Some(tls), 20).await;
    let mut settings = settings(&broker);
    settings.broker.trust = Some(Trust::Authorities(vec![authority.der().to_vec()]));
    let doorbell = begin(&settings);
    assert_eq!(settings.check().await, Ok("127.0.0.1 lets the doorbell in".to_owned()));
    assert_eq!(told(press(&doorbell, 81).await), "done: 127.0.0.1 has the press");

    settings.broker.trust = Some(Trust::System);
    let check = settings.check().await.expect_err("nobody vouches for it");
    assert!(check.contains("tls: invalid peer certificate"), "{check}");
}
