//! What strangers see: those who come neither from this machine nor from the tailnet.

use std::net::IpAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request};
use tempfile::TempDir;
use tower_service::Service;

use super::guard::Caller;
use super::*;
use crate::announce::Boot;
use crate::history::{HistorySettings, Listener};
use crate::password::SALT;
use crate::quiet::Quiet;

const PASSWORD: &str = "correct horse battery";

struct Nobody;

impl Listener for Nobody {
    fn log(&mut self, _: Line) {}
    fn quiet(&mut self, _: Vec<Quiet>) {}
}

/// A page that is open to strangers, and one of them.
struct Stranger {
    router: Router,
    caller: Caller,
    cookies: Vec<String>,
    _folder: TempDir,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Stranger {
    fn at(peer: &str, here: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = HistorySettings { file: folder.path().join("history.db"), visits: 10, megabytes: 16 };
        let house = House {
            history: History::open(&settings, Boot::new("this start"), Nobody).expect("a thread"),
            health: watch::channel(Health::default()).1,
            metrics: Arc::default(),
            integrations: watch::channel(Integrations::new()).1,
            events: mpsc::channel(1).0,
            zone: TimeZone::UTC,
            clock: Moment::now,
        };
        let hash = Hash::of(&PASSWORD.into(), [7; SALT]).as_deref().and_then(Hash::parse).expect("a hash");
        let app = App {
            house,
            guard: Guard::new(Vec::new(), Some(hash)).expect("random numbers"),
            began: Monotonic::default(),
            trials: Mutex::default(),
        };
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let caller = Caller::of(address(peer), address(here));
        Self { router: pages::router(Arc::new(app)), caller, cookies: Vec::new(), _folder: folder }
    }

    async fn ask(&mut self, method: &str, path: &str, body: String) -> Answer {
        let request = Request::builder().method(method).uri(path).header(HOST, "192.0.2.7:8080");
        let request = request.header(COOKIE, self.cookies.join("; ")).extension(self.caller);
        let request = request.body(Body::from(body)).expect("a request");
        let (parts, body) = self.router.call(request).await.expect("an answer").into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            assert!(cookie.contains("; HttpOnly; SameSite="), "{cookie}");
            let (name, value) =
                cookie.split(';').next().and_then(|cookie| cookie.split_once('=')).expect("one");
            self.cookies.retain(|known| !known.starts_with(&format!("{name}=")));
            self.cookies.push(format!("{name}={value}"));
        }
        let text = to_bytes(body, 1_000_000).await.expect("a body");
        let text = String::from_utf8(text.to_vec()).expect("text");
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, String::new()).await
    }

    async fn log_in(&mut self, password: &str) -> Answer {
        let page = self.get("/login").await.text;
        let token = page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let form = format!("token={}&password={}", token.expect("a form"), password.replace(' ', "+"));
        self.ask("POST", "/login", form).await
    }
}

#[tokio::test]
async fn a_stranger_sees_nothing_but_where_to_log_in() {
    let mut stranger = Stranger::at("192.0.2.99", "192.0.2.7");
    for path in ["/", "/visits", "/visits/1", "/quiet", "/health"] {
        let answer = stranger.get(path).await;
        assert_eq!(
            (answer.status, &answer.headers[LOCATION]),
            (303, &"/login".parse().expect("a place")),
            "{path}"
        );
    }
    for path in ["/pictures/1", "/events", "/healthz", "/metrics", "/nothing", "/assets", "/login/x"] {
        assert_eq!(stranger.get(path).await.status, 401, "{path}");
    }
    for path in ["/ring", "/quiet", "/quiet/remove", "/health", "/logout"] {
        assert_eq!(stranger.ask("POST", path, "token=x".into()).await.status, 401, "{path}");
    }
    assert_eq!(stranger.get("/login").await.status, 200);
    assert_eq!(stranger.get(&assets::STYLE.path).await.status, 200);
}

#[tokio::test]
async fn the_password_opens_everything_until_somebody_logs_out() {
    let mut stranger = Stranger::at("192.0.2.99", "192.0.2.7");
    let answer = stranger.log_in(PASSWORD).await;
    assert_eq!((answer.status, answer.headers[LOCATION].as_bytes()), (303, &b"/"[..]));
    let page = stranger.get("/").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains(PASSWORD) && page.text.contains("Log out"));
    assert_eq!(stranger.get("/metrics").await.status, 200);
    let stolen = stranger.cookies.clone();
    let token = page.text.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let form = format!("token={}", token.expect("a form"));
    assert_eq!(stranger.ask("POST", "/logout", form).await.status, 303);
    assert_eq!(stranger.get("/").await.status, 303);
    stranger.cookies = stolen;
    assert_eq!(stranger.get("/").await.status, 303, "the cookie itself is worth nothing any more");
}

#[tokio::test]
async fn whoever_guesses_waits_even_for_the_right_password() {
    let mut stranger = Stranger::at("192.0.2.99", "192.0.2.7");
    for _ in 0..5 {
        assert_eq!(stranger.log_in("correct horse").await.status, 403);
    }
    let answer = stranger.log_in(PASSWORD).await;
    assert_eq!(answer.status, 429);
    let seconds: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((200..=301).contains(&seconds), "{seconds}");
    assert_eq!(stranger.get("/").await.status, 303);
}

#[tokio::test]
async fn only_both_ends_of_a_connection_make_it_one_of_the_house() {
    for (peer, here, is_of_house) in [
        ("127.0.0.1", "127.0.0.1", true),
        ("::1", "::1", true),
        ("100.101.102.103", "100.64.0.7", true),
        ("fd7a:115c:a1e0::2", "fd7a:115c:a1e0::1", true),
        ("192.0.2.99", "100.64.0.7", false),
        ("100.101.102.103", "192.0.2.7", false),
        ("192.0.2.99", "127.0.0.1", false),
    ] {
        let status = Stranger::at(peer, here).get("/metrics").await.status;
        assert_eq!(status, if is_of_house { 200 } else { 401 }, "{peer} to {here}");
    }
}
