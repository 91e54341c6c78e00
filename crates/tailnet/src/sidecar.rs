//! One `tailscaled` beside this process: started, followed through its watch stream, ended.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout, timeout_at};
use url::Url;

use crate::auth_key::{AuthKeyEntry, Hidden};
use crate::backend::Backend;
use crate::config;
use crate::connector::Connector;
use crate::local_api::{LocalApi, LocalApiError};
use crate::netmap::Netmap;
use crate::phases::Phases;
use crate::resolver::{ResolveError, resolve};
use crate::stderr::{LastLines, drain};

/// How `tailscaled` is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program.
    pub tailscaled: PathBuf,
    /// A directory of its own, made if absent, for its socket and configuration.
    pub directory: PathBuf,
    /// Where its SOCKS5 server listens: a loopback address. Absent means a free port of 127.0.0.1.
    pub socks: Option<SocketAddr>,
    /// Name of the node in the tailnet.
    pub hostname: String,
    /// The control server; absent means Tailscale's own.
    pub control_url: Option<Url>,
    /// PEM file of the certificate authorities to trust; absent means the system's.
    pub ca_certificates: Option<PathBuf>,
    /// How long a dial may take before it is taken for stalled; see [`Connector`].
    pub first_dial: Duration,
}

impl Options {
    /// 800 ms: many times what a dial takes over a relay, and far less than the 5 s after which WireGuard tries again.
    pub const FIRST_DIAL: Duration = Duration::from_millis(800);
}

/// A running `tailscaled`. It is killed when this is dropped.
#[derive(Debug)]
pub struct Sidecar {
    connector: Connector,
    local_api: LocalApi,
    backend: watch::Receiver<Backend>,
    /// Tells the supervisor, by being dropped, to end the process.
    stop: oneshot::Sender<Infallible>,
    /// Owns the process; dropping it kills the process.
    supervisor: JoinSet<()>,
}

impl Sidecar {
    /// Starts `tailscaled`, which gets ready while its auth key is still on the way to the returned entry.
    ///
    /// Must be called within a Tokio runtime. `phases` gets `exec`, `local_api`, `control` and `netmap`.
    ///
    /// # Errors
    /// When the directory cannot be written or the program cannot be started.
    pub fn start(options: &Options, phases: Phases) -> Result<(Self, AuthKeyEntry), StartError> {
        let begun = Instant::now();
        let socks = options.socks.map_or_else(free_port, Ok)?;
        let (mut child, local_api) = spawn(options, socks)?;
        phases.record("exec", begun.elapsed());
        let (Some(stdin), Some(stderr)) = (child.stdin.take(), child.stderr.take()) else {
            unreachable!("spawn asks for both pipes");
        };
        let (hidden, last_lines) = (Hidden::default(), LastLines::default());
        let draining = drain(stderr, last_lines.clone(), hidden.clone());
        let (sender, backend) = watch::channel(Backend::Starting(None));
        let following = follow(local_api.clone(), sender.clone(), Milestones::new(phases.clone()));

        let (stop, stopped) = oneshot::channel();
        let mut supervisor = JoinSet::new();
        supervisor.spawn(async move {
            let status = tokio::select! {
                (status, ()) = async { tokio::join!(child.wait(), draining) } => status,
                never = following => match never {},
                _ = stopped => return drop(child.kill().await),
            };
            let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            sender.send_replace(Backend::Exited(format!("{status}; {}", last_lines.join())));
        });
        let connector = Connector::new(local_api.clone(), backend.clone(), socks, options.first_dial, phases);
        Ok((Self { connector, local_api, backend, stop, supervisor }, AuthKeyEntry { stdin, hidden }))
    }

    /// Waits until peers can be reached.
    ///
    /// # Errors
    /// At once when only somebody else can change that they cannot, otherwise at the deadline.
    pub async fn running(&self, deadline: Instant) -> Result<(), NotRunning> {
        let mut backend = self.backend.clone();
        let settled = backend.wait_for(|state| *state == Backend::Running || state.is_failed());
        match timeout_at(deadline.into(), settled).await {
            Ok(Ok(state)) if *state == Backend::Running => return Ok(()),
            Ok(_) | Err(_) => {}
        }
        let state = self.backend.borrow().clone();
        Err(NotRunning { state })
    }

    /// Whether another `tailscaled`, or this one with another auth key, must be started before anything gets better.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.backend.borrow().is_failed()
    }

    /// Who else is in the tailnet.
    ///
    /// # Errors
    /// When `tailscaled` does not tell.
    pub async fn netmap(&self) -> Result<Netmap, LocalApiError> {
        self.local_api.netmap().await
    }

    /// The address that a connection to `host` is dialled at: itself if it is one, else what the tailnet's resolver
    /// says.
    ///
    /// # Errors
    /// When it has none, or the resolver fails.
    pub async fn resolve(&self, host: &str) -> Result<IpAddr, ResolveError> {
        resolve(&self.local_api, host).await
    }

    /// Whether peers can be reached, as far as is known.
    #[must_use]
    pub fn is_running(&self) -> bool {
        *self.backend.borrow() == Backend::Running
    }

    /// Whether it turns out to have [failed](Self::is_failed): the end of a process is noticed a moment after its
    /// connections broke.
    pub async fn turns_out_failed(&self) -> bool {
        const A_MOMENT: Duration = Duration::from_millis(100);
        let mut backend = self.backend.clone();
        matches!(timeout(A_MOMENT, backend.wait_for(Backend::is_failed)).await, Ok(Ok(_)))
    }

    /// A connector that dials through this `tailscaled`.
    #[must_use]
    pub fn connector(&self) -> Connector {
        self.connector.clone()
    }

    /// Ends the process; a running node logs out first, so that none is left behind in the tailnet.
    pub async fn stop(mut self) {
        const LIMIT: Duration = Duration::from_secs(1);
        if self.is_running() {
            // One that does not manage to is removed by the control server some time after its end.
            let _ = timeout(LIMIT, self.local_api.logout()).await;
        }
        drop(self.stop);
        while self.supervisor.join_next().await.is_some() {}
    }
}

/// A port that was free a moment ago. Should another take it first, `tailscaled` ends and says so.
fn free_port() -> Result<SocketAddr, StartError> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(StartError::NoPort)?;
    listener.local_addr().map_err(StartError::NoPort)
}

fn spawn(options: &Options, socks: SocketAddr) -> Result<(Child, LocalApi), StartError> {
    let directory = &options.directory;
    let writing = |error| StartError::Directory { directory: directory.clone(), error };
    // Whoever can open the socket in it can steer the node.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(writing)?;
    let config_file = directory.join("config.json");
    let config = config::render(options).map_err(|error| writing(error.into()))?;
    std::fs::write(&config_file, config).map_err(writing)?;
    let socket = directory.join("tailscaled.sock");

    let mut command = Command::new(&options.tailscaled);
    command
        .args(["--tun=userspace-networking", "--state=mem:", "--no-logs-no-support"])
        .arg(format!("--socks5-server={socks}"))
        .arg(flag("--socket=", &socket))
        .arg(flag("--statedir=", directory))
        .arg(flag("--config=", &config_file))
        // This process may have secrets in its environment.
        .env_clear()
        .env("TMPDIR", directory)
        .envs(options.ca_certificates.as_ref().map(|file| ("SSL_CERT_FILE", file)))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A signal to this process's whole group must not end it before it has logged out.
        .process_group(0)
        .kill_on_drop(true);
    let starting = |error| StartError::Exec { tailscaled: options.tailscaled.clone(), error };
    Ok((command.spawn().map_err(starting)?, LocalApi::new(socket)))
}

fn flag(name: &str, path: &std::path::Path) -> std::ffi::OsString {
    let mut flag = std::ffi::OsString::from(name);
    flag.push(path);
    flag
}

/// Follows the watch stream for as long as it is polled, subscribing anew when it ends.
async fn follow(
    local_api: LocalApi,
    backend: watch::Sender<Backend>,
    mut milestones: Milestones,
) -> Infallible {
    /// `tailscaled` makes its socket 10 ms after exec, and nothing tells when: the only thing that is tried repeatedly.
    const AGAIN: Duration = Duration::from_millis(2);
    loop {
        if let Ok(mut messages) = local_api.watch().await {
            while let Ok(Some(message)) = messages.next().await {
                backend.send_modify(|state| *state = state.clone().after(&message));
                milestones.see(&backend.borrow());
            }
        }
        sleep(AGAIN).await;
    }
}

/// Turns the states of a start into phases, each told once.
struct Milestones {
    phases: Phases,
    last: Instant,
    reached: usize,
}

impl Milestones {
    const NAMES: [&str; 3] = ["local_api", "control", "netmap"];

    fn new(phases: Phases) -> Self {
        Self { phases, last: Instant::now(), reached: 0 }
    }

    fn see(&mut self, state: &Backend) {
        let reached = match state {
            Backend::Running => 3,
            Backend::Registered => 2,
            Backend::Starting(_)
            | Backend::Stopped
            | Backend::Refused(_)
            | Backend::NeedsApproval
            | Backend::Exited(_) => 1,
        };
        for phase in Self::NAMES.iter().take(reached).skip(self.reached) {
            self.phases.record(phase, self.last.elapsed());
            self.last = Instant::now();
        }
        self.reached = self.reached.max(reached);
    }
}

/// Why `tailscaled` could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its directory cannot be used.
    #[error("the directory {} of tailscaled cannot be written", directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
    /// No port of 127.0.0.1 is free.
    #[error("no port of 127.0.0.1 is free for tailscaled")]
    NoPort(#[source] std::io::Error),
    /// The program cannot be started.
    #[error("{} cannot be started", tailscaled.display())]
    Exec {
        /// The program.
        tailscaled: PathBuf,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
}

/// Peers cannot be reached yet, or not at all.
#[derive(Debug, thiserror::Error)]
#[error("the tailnet cannot be reached: tailscaled {state}")]
pub struct NotRunning {
    /// How far `tailscaled` has got.
    pub state: Backend,
}
