//! A second tailnet, whose control server and relay are 30 ms away from the function's nodes.
//!
//! It is a headscale of its own behind a [`Relay`], which carries the control protocol and what goes from node to
//! node: the tailnet's map names the relay's port for both. STUN has a relay too, on the address that the map names,
//! while the server listens at the same port of another one. The home node connects before the distance is put in, and
//! so stays near. It never uses UDP between nodes, so that no packet finds a way around the distance.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use secrecy::SecretString;

use super::caller::Caller;
use super::relay::Relay;
use super::stun_relay::StunRelay;
use crate::Sandbox;
use crate::certificates::Certificates;
use crate::error::{Doing, Error, Result};
use crate::layout::{Layout, read_text, write_private};
use crate::parts::headscale::{Headscale, Role};
use crate::parts::{Part, headscale, home_node};
use crate::process::{Process, Program};
use crate::ready::{self, Probe};
use crate::run::{LAST_LINES, last_lines};
use crate::tools::Tools;

/// The control server as nodes know it: the relay.
pub(super) const URL: &str = "https://127.0.0.1:8490";
/// One way to control server and relay.
pub(super) const ONE_WAY: Duration = Duration::from_millis(15);
const RELAY: u16 = 8490;
const SERVER: u16 = 8491;
const STUN: u16 = 8493;
const STUN_SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// What differs from the sandbox's own headscale: its ports, and how far up the certificates are.
const CHANGES: [(&str, &str); 5] = [
    ("server_url: https://127.0.0.1:8470", "server_url: https://127.0.0.1:8490"),
    ("\nlisten_addr: 127.0.0.1:8470", "\nlisten_addr: 127.0.0.1:8491"),
    ("grpc_listen_addr: 127.0.0.1:8472", "grpc_listen_addr: 127.0.0.1:8492"),
    ("stun_listen_addr: 127.0.0.1:8471", "stun_listen_addr: 127.0.0.2:8493"),
    (": ../../certificates/", ": ../../../certificates/"),
];

const READY_WITHIN: Duration = Duration::from_secs(60);

/// The second tailnet, running; it ends when this is dropped.
pub(super) struct FarTailnet {
    /// The key with which the bridge's nodes join.
    pub(super) bridge_key: SecretString,
    // In the order in which they are to end.
    _home_node: Started,
    _headscale: Started,
    _relay: Relay,
    _stun: StunRelay,
}

impl FarTailnet {
    /// Starts it. What it knows is kept in the sandbox's state, so that keys and names stay the same.
    ///
    /// # Errors
    /// When a part does not become ready, or a port is taken.
    pub(super) async fn start(sandbox: &Sandbox, tools: &Tools) -> Result<Self> {
        let settings = &sandbox.settings;
        let certificates = Certificates::of(&sandbox.layout)?;
        let layout = Layout { state: sandbox.layout.state.join("bench"), ..sandbox.layout.clone() };

        let part = headscale::part(settings, &layout, tools, &certificates)?;
        let config = part.program.folder.join("config.yaml");
        write_private(&config, moved(&read_text(&config)?))?;
        let health = format!("https://127.0.0.1:{SERVER}/health");
        let probe = Probe::Http { url: health, ca: Some(certificates.ca.clone()) };
        let headscale = Started::start(&part, part.program.clone(), &layout, &probe).await?;
        let [listen, server] = [RELAY, SERVER].map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let relay = Relay::start(listen, server).await.doing(|| format!("listen on {listen}"))?;
        let stun_server = SocketAddr::from((STUN_SERVER, STUN));
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, STUN));
        let stun = StunRelay::start(listen, stun_server, ONE_WAY).await;
        let stun = stun.doing(|| format!("listen on {listen} (UDP)"))?;

        let server = Headscale::new(&layout, tools);
        let (home_key, bridge_key) = (server.key(Role::Home).await?, server.key(Role::Bridge).await?);
        if !home_node::is_known(&layout) {
            server.forget_node(home_node::HOSTNAME).await?;
        }
        let part = home_node::part(settings, &layout, tools, &certificates, URL, &home_key)?;
        let mut program = part.program.clone();
        program.env.push(("TS_DEBUG_NEVER_DIRECT_UDP".into(), "1".into()));
        let probe = Probe::Tailnet { folder: program.folder.clone() };
        let home_node = Started::start(&part, program, &layout, &probe).await?;
        relay.move_away(ONE_WAY);
        Ok(Self { bridge_key, _home_node: home_node, _headscale: headscale, _relay: relay, _stun: stun })
    }

    /// Makes sure that what goes to Home Assistant and back really takes the distance.
    ///
    /// # Errors
    /// When a directive is answered sooner than the distance allows.
    pub(super) async fn check(&self, caller: &Caller<'_>) -> Result<()> {
        const DIRECTIVES: usize = 20;
        for _ in 0..DIRECTIVES {
            let elapsed_ms = caller.ask().await?.replied()?;
            if elapsed_ms < (ONE_WAY * 2).as_secs_f64() * 1000.0 {
                return Err(Error::Answer(format!(
                    "a directive through the tailnet that should be 30 ms away took {elapsed_ms} ms: it found a way \
                     around the relay"
                )));
            }
        }
        Ok(())
    }
}

/// The sandbox's configuration of headscale, for the second one.
fn moved(config: &str) -> String {
    CHANGES.iter().fold(config.to_string(), |config, (from, to)| config.replace(from, to))
}

/// A part's process, ended when this is dropped.
struct Started(Process);

impl Started {
    async fn start(part: &Part, program: Program, layout: &Layout, probe: &Probe) -> Result<Self> {
        let (slug, title) = (part.kind.slug, part.kind.title);
        let (log, pid_file) = (layout.log(slug), layout.process(slug));
        // A bench that was killed may have left one.
        if let Some(left) = Process::find(&pid_file)? {
            drop(Self(left));
        }
        let started = Self(Process::start(&program, "bench", &log, &pid_file)?);
        match ready::wait(probe, READY_WITHIN, || !started.0.runs()).await {
            Ok(()) => Ok(started),
            Err(cause) => {
                drop(started);
                let output = std::fs::read(&log).unwrap_or_default();
                let last = last_lines(&String::from_utf8_lossy(&output), LAST_LINES);
                Err(Error::Part { part: title, cause, last, log })
            }
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.0.end(Duration::from_secs(10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_headscale_shares_nothing_with_the_sandbox_s_own_but_the_certificates() {
        let config = include_str!("../../headscale/config.yaml");
        for (from, _) in CHANGES {
            assert!(config.contains(from), "{from}");
        }
        let moved = moved(config);
        for line in moved.lines() {
            assert!(!["8470", "8471", "8472"].iter().any(|port| line.contains(port)), "{line}");
        }
        assert!(moved.contains(&format!("\n    stun_listen_addr: {STUN_SERVER}:{STUN}\n")), "{moved}");
        assert!(moved.contains("tls_cert_path: ../../../certificates/server.pem"), "{moved}");
        assert!(moved.contains(&format!("server_url: {URL}\n")), "{moved}");
        assert!(moved.contains(&format!("\nlisten_addr: 127.0.0.1:{SERVER}\n")), "{moved}");
    }
}
