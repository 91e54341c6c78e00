//! A tailnet for tests: a program that stands where `tailscaled` does, whose LocalAPI and SOCKS5 server are real
//! servers within the test.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Collected, Full, combinators::BoxBody};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Name, Packet, RCODE, ResourceRecord};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::sidecar::Options;

/// The address of the one peer, on which the ports of 127.0.0.1 are reached.
pub const PEER: Ipv4Addr = Ipv4Addr::new(100, 64, 0, 1);

/// Message of the watch stream: the control server admitted the node.
pub const REGISTERED: &str = r#"{"State":5}"#;

/// Message of the watch stream: peers can be reached.
pub const RUNNING: &str = r#"{"State":6}"#;

const STOPPED: &str = r#"{"State":4}"#;

/// A running fake, which ends when it is dropped.
#[derive(Debug)]
pub struct FakeTailnet {
    directory: tempfile::TempDir,
    socks: SocketAddr,
    shared: Arc<Shared>,
    _servers: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    names: HashMap<String, IpAddr>,
    /// The peers in `status`, by key.
    peers: Mutex<Value>,
    /// Dials that are left unanswered before others are answered.
    stalling: AtomicUsize,
    /// Dials that are refused before others are answered.
    refusing: AtomicUsize,
    /// Whether the program was killed, and no other one has taken its place yet.
    killed: AtomicBool,
    /// What was dialled.
    dialled: Mutex<JoinSet<()>>,
    /// What LocalAPI was asked, apart from watching and names.
    asked: watch::Sender<Vec<String>>,
    messages: Mutex<(Vec<String>, Vec<mpsc::UnboundedSender<String>>)>,
}

impl FakeTailnet {
    /// Starts the fake; `names` are those that its resolver knows.
    ///
    /// # Panics
    /// When the machine cannot serve: it is for tests.
    pub async fn start(names: &[(&str, IpAddr)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let local_api = UnixListener::bind(directory.path().join("tailscaled.sock")).expect("a socket");
        let socks = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let shared = Arc::new(Shared {
            names: names.iter().map(|(name, address)| ((*name).to_owned(), *address)).collect(),
            peers: Mutex::new(json!({"nodekey:peer": peer("home", &[PEER.into()])})),
            stalling: AtomicUsize::new(0),
            refusing: AtomicUsize::new(0),
            killed: AtomicBool::new(false),
            dialled: Mutex::default(),
            asked: watch::Sender::default(),
            messages: Mutex::default(),
        });
        let address = socks.local_addr().expect("an address");
        let mut servers = JoinSet::new();
        servers.spawn(serve_local_api(local_api, shared.clone()));
        servers.spawn(serve_socks(socks, shared.clone()));
        Self { directory, socks: address, shared, _servers: servers }
    }

    /// Options of a sidecar that uses this fake.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            // In the tree, since a program that a test has just written may still be open for writing in a child of
            // another test, and then cannot be started.
            tailscaled: concat!(env!("CARGO_MANIFEST_DIR"), "/src/fake/tailscaled.sh").into(),
            directory: self.directory.path().to_owned(),
            socks: Some(self.socks),
            hostname: "porch-test".into(),
            control_url: None,
            ca_certificates: None,
            first_dial: Duration::from_millis(300),
        }
    }

    /// Sends a message to all watch streams, present and future.
    pub fn tell(&self, message: &str) {
        self.shared.tell(message);
    }

    /// Puts these in place of the one peer, each as LocalAPI's `status` has it; see [`peer`].
    ///
    /// # Panics
    /// When another test has panicked.
    pub fn show_peers(&self, peers: &[Value]) {
        let keys = (0..).map(|number| format!("nodekey:{number}"));
        *self.shared.peers.lock().expect("no panic in a test") = keys.zip(peers.iter().cloned()).collect();
    }

    /// Leaves the next `dials` without an answer.
    pub fn stall(&self, dials: usize) {
        self.shared.stalling.store(dials, Ordering::SeqCst);
    }

    /// Refuses the next `dials`.
    pub fn refuse(&self, dials: usize) {
        self.shared.refusing.store(dials, Ordering::SeqCst);
    }

    /// Kills the program, and with it all that was dialled. Nothing is dialled any more until another one is started.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn kill(&self) {
        let pid = self.written("pid").await;
        std::fs::remove_file(self.directory.path().join("pid")).expect("the next program writes its own");
        self.shared.killed.store(true, Ordering::SeqCst);
        let killed = tokio::process::Command::new("/bin/kill").args(["-KILL", pid.as_str()]).status().await;
        assert!(killed.is_ok_and(|status| status.success()), "process {pid} cannot be killed");
        self.shared.dialled.lock().expect("no panic in a test").abort_all();
    }

    /// What LocalAPI was asked to do, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.borrow().clone()
    }

    /// Waits until LocalAPI was asked to do `calls` things.
    pub async fn asked_times(&self, calls: usize) {
        let mut asked = self.shared.asked.subscribe();
        let enough = asked.wait_for(|asked| asked.len() >= calls);
        let _ = enough.await;
    }

    /// The key that the program was given, once it has said so in its log.
    pub async fn auth_key(&self) -> String {
        self.written("auth-key").await
    }

    /// What the program has written into `file`, once it has.
    async fn written(&self, file: &str) -> String {
        let file = self.directory.path().join(file);
        loop {
            // It is another process, and this file is all that it leaves.
            match std::fs::read_to_string(&file) {
                Ok(text) => return text,
                Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    }
}

/// A peer as `status` has it: online, reached through a relay, and with these addresses.
#[must_use]
pub fn peer(name: &str, addresses: &[IpAddr]) -> Value {
    let length = |address: &IpAddr| if address.is_ipv4() { 32 } else { 128 };
    let prefixes: Vec<_> = addresses.iter().map(|address| format!("{address}/{}", length(address))).collect();
    json!({
        "HostName": name,
        "DNSName": format!("{name}.tailnet.example."),
        "TailscaleIPs": addresses,
        "AllowedIPs": prefixes,
        "CurAddr": "",
        "Relay": "relay",
        "Online": true,
        "Active": true,
        "InNetworkMap": true,
    })
}

impl Shared {
    fn tell(&self, message: &str) {
        let mut messages = self.messages.lock().expect("no panic in a test");
        messages.0.push(message.to_owned());
        messages.1.retain(|watcher| watcher.send(message.to_owned()).is_ok());
    }

    fn watch(&self) -> Messages {
        // Who subscribes has just started a program.
        self.killed.store(false, Ordering::SeqCst);
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut messages = self.messages.lock().expect("no panic in a test");
        for message in &messages.0 {
            let _ = sender.send(message.clone());
        }
        messages.1.push(sender);
        Messages(receiver)
    }

    fn status(&self) -> String {
        let peers = self.peers.lock().expect("no panic in a test");
        let own = peer("porch-test", &[IpAddr::from([100, 64, 0, 2])]);
        json!({"BackendState": "Running", "Self": own, "Peer": *peers}).to_string()
    }

    fn dns(&self, query: &str) -> Vec<u8> {
        let query: HashMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut packet = Packet::new_reply(1);
        match (self.names.get(&query["name"]), query["type"].as_str()) {
            (Some(IpAddr::V4(address)), "A") => {
                let name = Name::new(&query["name"]).expect("a name").into_owned();
                let record = RData::A(A { address: (*address).into() });
                packet.answers.push(ResourceRecord::new(name, CLASS::IN, 5, record));
            }
            (Some(_), _) => {}
            (None, _) => *packet.rcode_mut() = RCODE::NameError,
        }
        packet.build_bytes_vec().expect("a packet")
    }
}

async fn serve_local_api(listener: UnixListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        let service = service_fn(move |request| answer(request, shared.clone()));
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        connections.spawn(async { drop(connection.await) });
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = request.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&body);
    let body = match (&method, path.as_str()) {
        (&Method::GET, "/localapi/v0/watch-ipn-bus") => shared.watch().boxed(),
        (&Method::GET, "/localapi/v0/dns-query") => {
            Full::from(format!(r#"{{"Bytes":"{}"}}"#, STANDARD.encode(shared.dns(&query)))).boxed()
        }
        (&Method::GET, "/localapi/v0/status") => Full::from(shared.status()).boxed(),
        _ => {
            shared.asked.send_modify(|asked| asked.push(format!("{method} {path} {text}")));
            shared.tell(if text.contains("true,") { RUNNING } else { STOPPED });
            Full::default().boxed()
        }
    };
    Ok(Response::new(body))
}

/// A body of lines that come when they come.
struct Messages(mpsc::UnboundedReceiver<String>);

impl Body for Messages {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|message| message.map(|line| Ok(Frame::data(format!("{line}\n").into()))))
    }
}

async fn serve_socks(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        if shared.killed.load(Ordering::SeqCst) {
            continue;
        }
        let fate = if takes_one(&shared.stalling) {
            Fate::Stall
        } else if takes_one(&shared.refusing) {
            Fate::Refuse
        } else {
            Fate::Dial
        };
        let dialled = async move { drop(dial_for(stream, fate).await) };
        shared.dialled.lock().expect("no panic in a test").spawn(dialled);
    }
}

/// What becomes of a dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Dial,
    Refuse,
    Stall,
}

/// Whether there was one left to take.
fn takes_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

/// Serves one CONNECT to an IPv4 address (RFC 1928).
async fn dial_for(mut client: TcpStream, fate: Fate) -> std::io::Result<()> {
    let mut greeting = [0; 3];
    client.read_exact(&mut greeting).await?;
    client.write_all(&[5, 0]).await?;
    let mut request = [0; 10];
    client.read_exact(&mut request).await?;
    if fate == Fate::Stall {
        return std::future::pending().await;
    }
    let [_, _, _, _, a, b, c, d, high, low] = request;
    let server = if Ipv4Addr::new(a, b, c, d) == PEER && fate == Fate::Dial {
        TcpStream::connect((Ipv4Addr::LOCALHOST, u16::from_be_bytes([high, low]))).await
    } else {
        Err(std::io::ErrorKind::HostUnreachable.into())
    };
    let general_failure = u8::from(server.is_err());
    client.write_all(&[5, general_failure, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut client, &mut server?).await.map(drop)
}
