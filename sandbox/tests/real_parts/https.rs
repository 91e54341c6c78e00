//! The real Home Assistant over https, its certificate taken or refused by the deployed function.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use certificates::Fingerprint;
use reqwest::{Certificate, Identity};
use sandbox::certificates::{Authority, Signed};
use sandbox::lambda::Invocation;
use sandbox::layout::write_private;
use sandbox::parts::home_assistant::{self, HTTPS_KIND, HTTPS_PORT, Https};
use sandbox::parts::{headscale, home_node, node};
use sandbox::pulumi::StackConfig;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::rig::{Deployed, Ended, Rig, rig};

const NAME: &str = "https";
const AUTHORITIES: &str = "porch:bridge.caCertificates";
const PIN: &str = "porch:bridge.pinnedCertificate";
/// Home Assistant does not say whose client certificate it does not take: it ends the connection.
const UNWELCOME: &str = "the connection to home assistant broke before its reply was complete";

/// Who vouches for whom.
struct House {
    name: String,
    authority: Authority,
    server: Signed,
    clients: Authority,
    client: Signed,
}

impl House {
    fn new() -> Self {
        let name = format!("{}.{}", home_node::HOSTNAME, headscale::DOMAIN);
        let (authority, clients) = (Authority::new("house").unwrap(), Authority::new("clients").unwrap());
        // The tests themselves ask by address.
        let server = authority.sign_server("home assistant", &[&name, "127.0.0.1"]).unwrap();
        let client = clients.sign_client("bridge").unwrap();
        Self { name, authority, server, clients, client }
    }

    /// Has Home Assistant serve https, to all or to those with a client certificate, and waits until all of it runs.
    async fn serve(&self, rig: &'static Rig, asks_for_certificates: bool) -> Ended {
        let (layout, folder) = (&rig.sandbox.layout, rig.sandbox.layout.part("https"));
        let write = |name: &str, text: String| -> PathBuf {
            write_private(&folder.join(name), text).unwrap();
            folder.join(name)
        };
        let https = Https {
            certificate: write("server.pem", self.server.certificate.pem()),
            key: write("server.key", self.server.key.serialize_pem()),
            clients: asks_for_certificates.then(|| write("clients.pem", self.clients.pem.clone())),
        };
        let part =
            home_assistant::https_part(&rig.sandbox.settings, layout, &rig.tools, &https).await.unwrap();
        part.ensure(layout, &rig.progress).await.unwrap();
        let ended = Ended::at_last(rig, HTTPS_KIND);
        self.wait_until_it_runs(rig).await;
        ended
    }

    async fn wait_until_it_runs(&self, rig: &'static Rig) {
        let identity = self.client.key.serialize_pem() + &self.client.certificate.pem();
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(5))
            .tls_certs_only([Certificate::from_pem(self.authority.pem.as_bytes()).unwrap()])
            .identity(Identity::from_pem(identity.as_bytes()).unwrap())
            .build()
            .unwrap();
        let url = format!("https://127.0.0.1:{HTTPS_PORT}/api/config");
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let request = client.get(&url).bearer_auth(rig.running.access.token.expose_secret());
            let config: Value = request.send().await.unwrap().json().await.unwrap();
            if config["state"] == "RUNNING" {
                return;
            }
            assert!(Instant::now() < until, "it does not come to run: {}", config["state"]);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The configuration of a bridge that asks Home Assistant over https, as `host`.
fn config_of(rig: &Rig, host: &str) -> StackConfig {
    rig.config().with("porch:bridge.baseUrl", &format!("https://{host}:{HTTPS_PORT}"))
}

/// The deployed bridge, whose configuration changes from one question to the next.
struct Bridge {
    rig: &'static Rig,
    deployed: Deployed,
}

impl Bridge {
    async fn taken(&self, config: StackConfig) -> Invocation {
        let invocation = self.turn_on(config).await;
        self.deployed.answers(&invocation);
        invocation
    }

    async fn refused(&self, config: StackConfig, reason: &str) {
        self.deployed.refuses(&self.turn_on(config).await, reason);
    }

    /// Turns on the lamp with `config`, from a new environment, whose log begins with its start.
    async fn turn_on(&self, config: StackConfig) -> Invocation {
        self.deployed.change(&config).await;
        self.deployed.lambda.retire(&self.deployed.function()).await.unwrap();
        self.deployed.invoke(self.rig.turn_on().to_string()).await
    }
}

/// That a public authority's certificate is taken cannot be shown here: nobody signs one for a sandbox. What is shown
/// is that one of nobody known is refused, whose reason names the authorities.
#[tokio::test]
async fn https_is_as_strict_as_it_is_told_to_be() {
    let (rig, house) = (rig().await, House::new());
    let config = || config_of(rig, &house.name);
    let trusting = || config().with(AUTHORITIES, &house.authority.pem);
    let bridge = Bridge { rig, deployed: rig.deploy(NAME, &config()).await };
    let other = Authority::new("other").unwrap();
    {
        let _serving = house.serve(rig, false).await;
        bridge.refused(config(), "its issuer is not trusted").await;
        bridge.taken(trusting()).await;
        bridge.refused(config().with(AUTHORITIES, &other.pem), "its issuer is not trusted").await;
        let address = home_address(rig).await;
        let by_address = config_of(rig, &address).with(AUTHORITIES, &house.authority.pem);
        bridge.refused(by_address, &format!("it is not for `{address}` but for ")).await;

        let pin = Fingerprint::of(house.server.certificate.der()).to_string();
        bridge.taken(config().with(PIN, &pin)).await;
        let stranger = other.sign_server("home assistant", &[&house.name]).unwrap();
        let wrong = Fingerprint::of(stranger.certificate.der()).to_string();
        let reason = format!("it is not the pinned one, its fingerprint is {pin}");
        bridge.refused(config().with(PIN, &wrong), &reason).await;

        let unverified = bridge.taken(config().with("porch:bridge.noVerifySsl", "true")).await;
        assert!(unverified.log.contains("NO_VERIFY_SSL is on"), "{}", unverified.log);
    }
    let _serving = house.serve(rig, true).await;
    let with = |client: &Signed| {
        let mut config = trusting().with("porch:bridge.clientCertificate", &client.certificate.pem());
        config.secrets.push(("porch:clientKey".into(), client.key.serialize_pem().into()));
        config
    };
    bridge.refused(trusting(), UNWELCOME).await;
    bridge.taken(with(&house.client)).await;
    bridge.refused(with(&other.sign_client("bridge").unwrap()), UNWELCOME).await;

    bridge.deployed.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
}

/// The IPv4 address of the home node.
async fn home_address(rig: &Rig) -> String {
    let folder = rig.sandbox.layout.part(home_node::KIND.slug);
    node::addresses(&folder).await.unwrap()[0].to_string()
}
