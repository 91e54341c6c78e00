//! Every kind of name that `baseUrl` may have, asked of a real tailnet by the deployed function.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use sandbox::parts::headscale::{self, SPLIT_ZONE};
use sandbox::parts::{home_node, node};
use sandbox::pulumi::StackConfig;

use crate::name_server::NameServer;
use crate::rig::{Deployed, Rig, rig};

const NAME: &str = "names";
/// What only the control server's extra records know.
const EXTRA_RECORD: &str = "assistant.extra.internal";

/// The configuration of a bridge whose `baseUrl` has this host.
fn config(rig: &Rig, host: &str) -> StackConfig {
    rig.config().with("porch:bridge.baseUrl", &format!("http://{host}:8123"))
}

/// That the bridge finds the house by this host.
async fn answers(rig: &Rig, deployed: &Deployed, host: &str) {
    deployed.change(&config(rig, host)).await;
    let function = deployed.function();
    let devices = deployed.alexa(rig, &function).discover().await;
    assert!(devices.is_ok_and(|devices| !devices.is_empty()), "{host} does not answer");
}

#[tokio::test]
async fn home_assistant_is_reached_by_every_kind_of_name_and_by_address() {
    let rig = rig().await;
    let layout = &rig.sandbox.layout;
    let home: Vec<IpAddr> = node::addresses(&layout.part(home_node::KIND.slug)).await.unwrap();
    let [IpAddr::V4(ipv4), IpAddr::V6(ipv6)] = home[..] else {
        panic!("{home:?} are not an IPv4 and an IPv6 address")
    };
    headscale::set_extra_records(layout, &[(EXTRA_RECORD, ipv4.into())]).unwrap();
    let split = format!("assistant.{SPLIT_ZONE}");
    let name_server = NameServer::start(rig, split.clone(), ipv4).await;

    let deployed = rig.deploy(NAME, &config(rig, EXTRA_RECORD)).await;
    answers(rig, &deployed, EXTRA_RECORD).await;
    answers(rig, &deployed, &format!("{}.{}", home_node::HOSTNAME, headscale::DOMAIN)).await;
    assert_eq!(name_server.asked(), 0, "these names are none of its zone");
    answers(rig, &deployed, &split).await;
    assert!(name_server.asked() > 0, "the split zone's name came from elsewhere");
    answers(rig, &deployed, &ipv4.to_string()).await;
    answers(rig, &deployed, &format!("[{ipv6}]")).await;

    let nobody = format!("nobody.{SPLIT_ZONE}");
    deployed.change(&config(rig, &nobody)).await;
    let began = Instant::now();
    let invocation = deployed.invoke(rig.turn_on().to_string()).await;
    assert!(began.elapsed() < Duration::from_secs(8));
    deployed.refuses(&invocation, &format!("the tailnet knows no address of `{nobody}`"));
    deployed.destroy().await;
    assert_eq!(rig.inventory(NAME).await, [""; 0], "something is left");
}
