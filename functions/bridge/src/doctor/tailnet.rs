//! The hops of the tailnet: into it, to whoever has Home Assistant, and a connection.

use std::time::Instant;

use http_client::told;
use tailnet::{Backend, DialError, Netmap, NotRunning, Path, Peer, ResolveError, Sidecar};
use tokio::net::TcpStream;
use tower_service::Service;

use super::walk::{Passed, Trouble};
use crate::settings::{BaseUrl, Settings};

pub(super) async fn running(
    sidecar: &Sidecar,
    settings: &Settings,
    until: Instant,
) -> Result<Passed<()>, Trouble> {
    if let Err(NotRunning { state }) = sidecar.running(until).await {
        return Err(Trouble::new(format!("tailscaled {state}"), backend_advice(&state, settings)));
    }
    // Its name is told if it can be; that it runs is what counts.
    let name = sidecar.netmap().await.map(|netmap| netmap.own_name).unwrap_or_default();
    Ok(Passed::new((), format!("running, as {}", if name.is_empty() { &settings.hostname } else { &name })))
}

fn backend_advice(state: &Backend, settings: &Settings) -> String {
    match state {
        Backend::Starting(_) => match &settings.control_url {
            Some(url) => format!(
                "The control server did not let the node in. Is porch:bridge.controlUrl (`{url}`) right, up, and open \
                 to the internet, with a certificate that everybody trusts?"
            ),
            None => "Tailscale's control server did not let the node in. Try again in some minutes; \
                     https://status.tailscale.com tells of outages."
                .into(),
        },
        Backend::Registered => "The node is in the tailnet, but reaches none of its relays. With a control server of \
                                your own, is its DERP server open to the internet?"
            .into(),
        Backend::Refused(_) => "The auth key is not good any more. Make a new one (reusable, ephemeral), `pulumi \
                                config set --secret porch:tailscaleAuthKey` and `pulumi up`; where porch makes the \
                                key, invoke the function that ends in key-renewal and look at its log."
            .into(),
        Backend::NeedsApproval => "Approve the node in the admin console, or better make an auth key that is \
                                   pre-approved, `pulumi config set --secret porch:tailscaleAuthKey` and `pulumi up`."
            .into(),
        Backend::Stopped | Backend::Running => {
            "It was switched off a moment ago to recover a connection. Ask the doctor once more.".into()
        }
        Backend::Exited(_) => {
            "tailscaled ended by itself. If it does so again, its log has the reason with porch:bridge.debug true."
                .into()
        }
    }
}

/// The peer that has Home Assistant's address or routes it; while the address is not known, the one of its name.
pub(super) async fn peer(sidecar: &Sidecar, url: &BaseUrl) -> Result<Passed<()>, Trouble> {
    let netmap = sidecar.netmap().await.map_err(|error| {
        Trouble::new(told(&error), "tailscaled does not tell its network map. Ask the doctor once more.")
    })?;
    if netmap.peers.is_empty() {
        return Err(Trouble::new("the function sees no other node of the tailnet", NOT_ALLOWED));
    }
    match sidecar.resolve(url.host()).await {
        Ok(address) => match netmap.peer_at(address) {
            Some(peer) if peer.has(address) => seen(peer, ""),
            Some(peer) => seen(peer, &format!(", which routes {address}")),
            None => {
                let found = format!("none of the {} nodes has or routes {address}", netmap.peers.len());
                let advice = format!(
                    "Home Assistant's machine must be a node of the tailnet, or a subnet router must advertise \
                     {address} and be approved in the admin console. {NOT_ALLOWED}"
                );
                Err(Trouble::new(found, advice))
            }
        },
        Err(_) => match named(&netmap, url.host()) {
            Some(peer) => seen(peer, ""),
            None => {
                let others = netmap.peers.len();
                Ok(Passed::new((), format!("{others} other nodes; `{}` is no name of any", url.host())))
            }
        },
    }
}

const NOT_ALLOWED: &str = "The tailnet's policy (its ACL or grants) must let the function's node reach Home \
                           Assistant's: it shows a node only those that it may talk to.";

/// The peer whose name begins with, or is, `host`.
fn named<'a>(netmap: &'a Netmap, host: &str) -> Option<&'a Peer> {
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_lowercase();
    netmap.peers.iter().find(|peer| label(&peer.name) == label(host))
}

fn seen(peer: &Peer, routing: &str) -> Result<Passed<()>, Trouble> {
    let name = &peer.name;
    if peer.expired {
        let advice = format!(
            "The key of {name} has expired, so nobody talks to it. On that machine run `tailscale up --force-reauth`, \
             and disable its key expiry in the admin console."
        );
        return Err(Trouble::new(format!("{name}{routing}, whose key has expired"), advice));
    }
    if !peer.online {
        let advice = format!(
            "Is the machine {name} on, and in the tailnet? `tailscale status` on it tells; `tailscale up` \
                     brings it back."
        );
        return Err(Trouble::new(format!("{name}{routing}, is offline"), advice));
    }
    Ok(Passed::new((), format!("{name}{routing}, online")))
}

pub(super) async fn address(sidecar: &Sidecar, url: &BaseUrl) -> Result<Passed<()>, Trouble> {
    match sidecar.resolve(url.host()).await {
        Ok(address) => Ok(Passed::new((), address.to_string())),
        Err(error) => {
            let advice = match &error {
                ResolveError::NoAddress(host) => format!(
                    "Nobody in the tailnet is called `{host}`. Set porch:bridge.baseUrl (`{url}`) to a name or an \
                     address that `tailscale status` shows; names need MagicDNS to be on."
                ),
                ResolveError::Failed { host, .. } => format!(
                    "The name server that the tailnet asks for `{host}` does not answer. Look at it under DNS in the \
                     admin console, or put an address into porch:bridge.baseUrl (`{url}`)."
                ),
                ResolveError::Malformed(_) | ResolveError::Unanswered(_) => format!(
                    "tailscaled's resolver failed. An address in porch:bridge.baseUrl (`{url}`) needs none."
                ),
            };
            Err(Trouble::new(told(&error), advice))
        }
    }
}

pub(super) async fn dial(sidecar: &Sidecar, url: &BaseUrl) -> Result<Passed<TcpStream>, Trouble> {
    match sidecar.connector().call(url.smart_home.clone()).await {
        Ok(stream) => {
            let found = format!("connected{}", path(sidecar, url).await);
            Ok(Passed::new(stream.into_inner(), found))
        }
        Err(error) => {
            let advice = match &error {
                DialError::Refused { address, .. } => format!(
                    "Nothing takes connections at {address}. Does Home Assistant run, at the port of \
                     porch:bridge.baseUrl (`{url}`), and not for 127.0.0.1 alone? Does the tailnet's policy allow \
                     that port?"
                ),
                DialError::Stalled(_) | DialError::NotRecovered { .. } => format!(
                    "Nobody answers at all: a firewall on that machine, or the tailnet's policy, may swallow what is \
                     sent to the port of porch:bridge.baseUrl (`{url}`)."
                ),
                DialError::Name(_) | DialError::NoHost(_) => {
                    format!(
                        "Set porch:bridge.baseUrl (`{url}`) to a name that the tailnet knows, or to an address."
                    )
                }
            };
            Err(Trouble::new(told(&error), advice))
        }
    }
}

/// By which path, as far as `tailscaled` tells.
async fn path(sidecar: &Sidecar, url: &BaseUrl) -> String {
    let (Ok(netmap), Ok(address)) = (sidecar.netmap().await, sidecar.resolve(url.host()).await) else {
        return String::new();
    };
    match netmap.peer_at(address).map(|peer| &peer.path) {
        Some(Path::Direct) => " directly".into(),
        Some(Path::Relay(relay)) => format!(" through the relay {relay}"),
        Some(Path::Unused) | None => String::new(),
    }
}
