//! The real Home Assistant over https, its certificate taken or refused by the deployed function.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use certificates::Fingerprint;
use reqwest::{Certificate, Identity};
use sandbox::certificates::{Authority, Signed};
use sandbox::lambda::Invocation;
use sandbox::layout::write_private;
use sandbox::parts::home_assistant::{self, HTTPS_KIND, HTTPS_PORT, Https};
use sandbox::parts::{headscale, home_node};
use sandbox::pulumi::StackConfig;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::rig::{Deployed, Ended, Rig, rig};

const NAME: &str = "https";

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

    /// The configuration of a bridge that asks it over https.
    fn config(&self, rig: &'static Rig) -> StackConfig {
        rig.config().with("porch:bridge.baseUrl", &format!("https://{}:{HTTPS_PORT}", self.name))
    }
}

/// Deploys the bridge with `config`, and turns on the lamp.
async fn turn_on(rig: &'static Rig, config: StackConfig) -> (Deployed, Invocation) {
    let deployed = rig.redeploy(NAME, &config).await;
    // A new environment, whose log begins with its start.
    deployed.lambda.retire(&deployed.function()).await.unwrap();
    let invocation = deployed.invoke(rig.turn_on().to_string()).await;
    (deployed, invocation)
}

async fn taken(rig: &'static Rig, config: StackConfig) -> Invocation {
    let (deployed, invocation) = turn_on(rig, config).await;
    deployed.answers(&invocation);
    invocation
}

async fn refused(rig: &'static Rig, config: StackConfig, reason: &str) {
    let (deployed, invocation) = turn_on(rig, config).await;
    deployed.refuses(&invocation, reason);
}

/// That a public authority's certificate is taken cannot be shown here: nobody signs one for a sandbox. What is shown
/// is that one of nobody known is refused, whose reason names the authorities.
#[tokio::test]
async fn https_is_as_strict_as_it_is_told_to_be() {
    let (rig, house) = (rig().await, House::new());
    let config = || house.config(rig);
    let pin = Fingerprint::of(house.server.certificate.der()).to_string();
    let other = Authority::new("other").unwrap();
    {
        let _serving = house.serve(rig, false).await;
        refused(rig, config(), "its issuer is not trusted").await;
        taken(rig, config().with("porch:bridge.caCertificates", &house.authority.pem)).await;
        let wrong = config().with("porch:bridge.caCertificates", &other.pem);
        refused(rig, wrong, "its issuer is not trusted").await;
        taken(rig, config().with("porch:bridge.pinnedCertificate", &pin)).await;
        let stranger = other.sign_server("home assistant", &[&house.name]).unwrap();
        let wrong = Fingerprint::of(stranger.certificate.der()).to_string();
        let wrong = config().with("porch:bridge.pinnedCertificate", &wrong);
        refused(rig, wrong, &format!("it is not the pinned one, its fingerprint is {pin}")).await;
        let unverified = taken(rig, config().with("porch:bridge.noVerifySsl", "true")).await;
        assert!(unverified.log.contains("NO_VERIFY_SSL is on"), "{}", unverified.log);
    }
    let _serving = house.serve(rig, true).await;
    // The real one does not say why.
    let unwelcome = "the connection to home assistant broke before its reply was complete";
    let trusting = || config().with("porch:bridge.caCertificates", &house.authority.pem);
    refused(rig, trusting(), unwelcome).await;
    let with = |client: &Signed| {
        let mut config = trusting().with("porch:bridge.clientCertificate", &client.certificate.pem());
        config.secrets.push(("porch:clientKey".into(), client.key.serialize_pem().into()));
        config
    };
    taken(rig, with(&house.client)).await;
    let stranger = other.sign_client("bridge").unwrap();
    refused(rig, with(&stranger), unwelcome).await;

    rig.redeploy(NAME, &config()).await.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
}
