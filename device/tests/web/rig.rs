//! A page on a port of its own, and whoever asks for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use alexa::EndpointId;
use device::announce::{Boot, PressId};
use device::clock::{Moment, Monotonic};
use device::core::{AlexaHealth, BellHealth, Health, LineHealth, UpdateHealth};
use device::event::Event;
use device::history::{History, HistorySettings, Listener};
use device::integration::Picture;
use device::log::{Line, Log, Priority};
use device::metrics::Metrics;
use device::quiet::Quiet;
use device::record::{Outcome, Record};
use device::web::{House, Integrations, Place, Web, WebSettings};
use jiff::tz::TimeZone;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// The longest that anything may take here; far more than it does.
pub(crate) const LONGEST: Duration = Duration::from_secs(20);

/// 2026-12-01 08:15:30 UTC, when it is in all tests.
const NOW: u64 = 1_796_112_930;

/// Seconds for which the machine runs: a hundred days.
const RUNNING: u64 = 8_640_000;

pub(crate) struct Rig {
    pub(crate) history: History,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) health: watch::Sender<Health>,
    pub(crate) integrations: watch::Sender<Integrations>,
    pub(crate) events: mpsc::Receiver<Event>,
    pub(crate) address: SocketAddr,
    web: Option<Web>,
    _folder: TempDir,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

struct Nobody;

impl Listener for Nobody {
    fn log(&mut self, line: Line) {
        panic!("nothing goes wrong: {line}");
    }

    fn quiet(&mut self, _: Vec<Quiet>) {}
}

fn now() -> Moment {
    Moment::new(Monotonic::from_nanos(RUNNING * 1_000_000_000), UNIX_EPOCH + Duration::from_secs(NOW))
}

pub(crate) fn bell(id: &str, name: &str) -> BellHealth {
    let id = EndpointId::parse(id).expect("an id");
    BellHealth { id, name: name.to_owned(), line: LineHealth::Watched, heartbeat: None }
}

/// A house in which all is well.
pub(crate) fn good_health() -> Health {
    Health {
        bells: vec![bell("front-door", "Front door"), bell("garden", "Garden <gate>")],
        alexa: AlexaHealth { linked: Some(2), read: Some(now().monotonic), ..AlexaHealth::default() },
        integrations: Vec::new(),
        update: UpdateHealth::default(),
        is_clock_set: true,
    }
}

impl Rig {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings =
            HistorySettings { file: folder.path().join("history.db"), visits: 1000, megabytes: 50 };
        let history = History::open(&settings, Boot::new("this start"), Nobody).expect("a thread");
        history.visits(None, 1).await.expect("it is open");
        let (health, shown) = watch::channel(good_health());
        let (sender, events) = mpsc::channel(8);
        let (integrations, shown_integrations) = watch::channel(Integrations::new());
        let metrics = Arc::new(Metrics::default());
        let house = House {
            history: history.clone(),
            health: shown,
            metrics: Arc::clone(&metrics),
            integrations: shown_integrations,
            events: sender,
            zone: TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a time zone"),
            clock: now,
        };
        let mut web = Web::new(house, Log { least: Priority::Error, journal: false }).expect("a thread");
        let names = vec!["door.example.org".to_owned()];
        web.offer(WebSettings { listen: vec![Place::Loopback], port: 0, names, password: None });
        let mut found = web.found();
        let address = timeout(LONGEST, found.wait_for(|all| !all.is_empty())).await.expect("it is there");
        let address = address.expect("it is offered")[0];
        Self { history, metrics, health, integrations, events, address, web: Some(web), _folder: folder }
    }

    /// Somebody rings at this second before now, and this many bytes of picture are taken.
    pub(crate) fn visit(&self, ago: u64, jpeg: usize) {
        self.visit_with(ago, &vec![0; jpeg], Some("light ended with <1> & \"nothing\""));
    }

    /// Somebody rings at this second before now, this is his picture, if there is one, and this is why a light
    /// stays off, if it does.
    pub(crate) fn visit_with(&self, ago: u64, jpeg: &[u8], trouble: Option<&str>) {
        let press = PressId {
            edge: Monotonic::from_nanos((RUNNING - ago) * 1_000_000_000),
            bell: EndpointId::parse("front-door").expect("an id"),
        };
        let at = UNIX_EPOCH + Duration::from_secs(NOW - ago);
        let outcome = |who: &str, outcome, told: &str, took| {
            let (press, who, told) = (press.clone(), who.to_owned(), told.to_owned());
            Record::Outcome { press, who, outcome, told, took: Duration::from_millis(took) }
        };
        let bell = "Front door".to_owned();
        let mut records = vec![
            Record::Visit { press: press.clone(), bell, at: Some(at), is_trial: false },
            outcome("alexa", Outcome::Done, "announced", 42),
            match trouble {
                Some(trouble) => outcome("porch-light", Outcome::Failed, trouble, 1500),
                None => outcome("porch-light", Outcome::Done, "light has run", 210),
            },
        ];
        if !jpeg.is_empty() {
            let picture = Picture { jpeg: jpeg.into(), offset_ms: -200 };
            records.push(Record::Picture { press, who: "gate-camera".to_owned(), picture });
        }
        for record in records {
            self.metrics.count(&record);
            self.history.record(record);
        }
    }

    /// The page, as it is shown.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.text()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)).await
    }

    /// Sends a form of the page at `page`, as a browser does.
    pub(crate) async fn post(&self, page: &str, path: &str, fields: &str) -> Answer {
        let answer = self.get(page).await;
        let cookie =
            answer.header("set-cookie").expect("a cookie").split(';').next().expect("a value").to_owned();
        let text = answer.text();
        let token = text.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let form = format!("token={}&{fields}", token.expect("a form"));
        self.send(path, &form, &format!("Cookie: {cookie}\r\nOrigin: http://{}\r\n", self.address)).await
    }

    /// Sends a form with these lines in its head.
    pub(crate) async fn send(&self, path: &str, form: &str, lines: &str) -> Answer {
        let length = form.len();
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n{lines}\r\n{form}",
            self.address
        ))
        .await
    }

    /// Sends what is no better than it is, and reads to the end.
    pub(crate) async fn ask(&self, request: &str) -> Answer {
        let asked = async {
            let mut stream = self.connect().await;
            // Whoever is refused may hear of it before all is sent.
            let _ = stream.write_all(request.as_bytes()).await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            Answer::parse(&answer)
        };
        timeout(LONGEST, asked).await.expect("an answer in time")
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // Its threads end outside of the test's runtime.
        let web = self.web.take();
        std::thread::spawn(move || drop(web)).join().expect("it ends");
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).expect("text");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }
}
